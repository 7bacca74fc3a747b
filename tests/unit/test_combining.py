"""The CRC of pieces is that of the whole, however it was cut."""

import itertools
import random

import pytest

from s3open import checksum
from s3open.transfers.combining import combined
from tests.fakes import pattern


@pytest.mark.parametrize("algorithm", checksum.WIDTH)
def test_the_crc_of_pieces_is_that_of_the_whole(algorithm: str) -> None:
    chance = random.Random(7)
    for _ in range(50):
        content = pattern(chance.randrange(5000), seed=chance.randrange(1000))
        cuts = sorted(chance.randrange(len(content) + 1) for _ in range(5))
        edges = [0, *cuts, len(content)]
        spans = [slice(*pair) for pair in itertools.pairwise(edges)]
        pieces = [content[span] for span in spans]
        found = [(checksum.crc(algorithm, each), len(each)) for each in pieces]
        assert combined(algorithm, found) == checksum.crc(algorithm, content)


@pytest.mark.parametrize("algorithm", checksum.WIDTH)
def test_nothing_has_the_crc_of_nothing(algorithm: str) -> None:
    assert combined(algorithm, []) == checksum.crc(algorithm, b"") == 0
