"""CRCs: the published check values, pieces, and the form S3 speaks of them."""

import base64
import zlib

import pytest

from s3open import checksums
from tests.fakes import pattern

# https://reveng.sourceforge.io/crc-catalogue/ : the CRC of b"123456789".
CHECK = {
    "crc32": 0xCBF43926,
    "crc32c": 0xE3069283,
    "crc64nvme": 0xAE8B14860A799888,
}


@pytest.mark.parametrize("algorithm", checksums.WIDTH)
def test_the_sum_is_the_one_the_catalogue_gives(algorithm: str) -> None:
    assert checksums.crc(algorithm, b"123456789") == CHECK[algorithm]


@pytest.mark.parametrize("algorithm", checksums.WIDTH)
def test_by_hand_it_is_the_same(algorithm: str) -> None:
    data = memoryview(pattern(5_000))
    for previous in (0, CHECK[algorithm]):
        expected = checksums.crc(algorithm, data, previous)
        assert checksums._summed(algorithm, data, previous) == expected


def test_only_few_bytes_are_summed_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "_sums", {})
    monkeypatch.setattr(checksums, "_by_hand_left", 10)
    assert checksums.crc("crc64nvme", b"123456789") == CHECK["crc64nvme"]
    assert not checksums._sums
    assert checksums.crc("crc64nvme", b"123456789") == CHECK["crc64nvme"]
    assert "crc64nvme" in checksums._sums


def test_what_sums_is_loaded_before_many_bytes_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checksums, "_sums", {})
    monkeypatch.setattr(checksums, "_by_hand_left", 10)
    checksums.prepare(10)
    assert not checksums._sums
    checksums.prepare(11)
    assert "crc64nvme" in checksums._sums


@pytest.mark.parametrize("algorithm", checksums.WIDTH)
def test_pieces_give_the_sum_of_the_whole(algorithm: str) -> None:
    data = pattern(100_000)
    for cut in (0, 1, 50_001, 100_000):
        first = checksums.crc(algorithm, data[:cut])
        assert checksums.crc(algorithm, data[cut:], first) == checksums.crc(
            algorithm, data
        )


@pytest.mark.parametrize("algorithm", checksums.WIDTH)
def test_any_buffer_will_do(algorithm: str) -> None:
    words = memoryview(pattern(64)).cast("I")
    expected = checksums.crc(algorithm, bytes(words))
    assert checksums.crc(algorithm, words) == expected
    assert checksums.crc(algorithm, bytearray(words.tobytes())) == expected
    assert checksums.crc(algorithm, words[4:8]) == checksums.crc(
        algorithm, bytes(words)[16:32]
    )
    assert checksums.crc(algorithm, b"") == 0


def test_crc32_is_zlib_s() -> None:
    assert checksums.crc("crc32", pattern(1_000)) == zlib.crc32(pattern(1_000))


@pytest.mark.parametrize("algorithm", checksums.WIDTH)
def test_what_is_encoded_is_decoded(algorithm: str) -> None:
    text = checksums.encode(algorithm, CHECK[algorithm])
    assert len(base64.b64decode(text)) == checksums.WIDTH[algorithm]
    assert checksums.decode(text) == CHECK[algorithm]
    assert checksums.decode(checksums.encode(algorithm, 1)) == 1


def test_s3_s_own_example_is_encoded_alike() -> None:
    # The CRC64NVME of no bytes at all, as S3 gives it for an empty object.
    assert checksums.encode("crc64nvme", 0) == "AAAAAAAAAAA="


def test_an_unknown_algorithm_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        checksums.crc("md5", b"")


@pytest.mark.parametrize("text", ["*", "AAA", "AAAA AAAA", "ä"])
def test_what_is_no_base64_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # binascii words it
        checksums.decode(text)
