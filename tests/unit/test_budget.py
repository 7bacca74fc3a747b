"""The memory of all files together: bounded, and nobody waits for it."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from s3open.spool import Spool, budget
from tests.fakes import MIB, pattern
from tests.unit.forking import in_child

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT = pattern(40 * MIB)


@pytest.fixture(autouse=True)
def _all_is_given_back() -> Iterator[None]:
    gc.collect()
    before = budget._taken
    yield
    gc.collect()
    assert budget._taken == before


def filled(total: int, memory: int = 32 * MIB) -> Spool:
    spool = Spool(memory=memory, total=total)
    for start in range(0, len(CONTENT), MIB):
        spool.write_at(start, memoryview(CONTENT)[start : start + MIB])
    return spool


def whole(spool: Spool) -> bytes:
    content = bytearray(spool.size)
    with memoryview(content) as view:
        assert spool.read_at(0, view) == spool.size
    return bytes(content)


def test_who_comes_later_has_less_and_loses_nothing() -> None:
    taken = budget._taken * MIB
    spools = [filled(taken + 40 * MIB) for _ in range(3)]
    try:
        assert [len(spool._blocks) for spool in spools] == [32, 16, 16]
        assert [spool.memory // MIB for spool in spools] == [32, 16, 16]
        assert all(whole(spool) == CONTENT for spool in spools)
    finally:
        for spool in spools:
            spool.close()


# One that is dropped leaves its temporary file to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_what_is_given_back_is_the_next_one_s() -> None:
    total = (budget._taken + 32) * MIB
    for _ in range(3):
        spool = filled(total)
        assert spool.memory == 32 * MIB
        spool.close()
        spool.close()
    dropped = filled(total)
    del dropped
    gc.collect()
    spool = filled(total)
    assert spool.memory == 32 * MIB
    spool.close()


def test_small_files_take_nothing() -> None:
    before = budget._taken
    spools = [Spool(memory=160 * MIB, total=MIB) for _ in range(100)]
    for spool in spools:
        spool.write_at(0, memoryview(b"small"))
        assert not spool.crowded
    assert budget._taken == before
    for spool in spools:
        spool.close()


def test_a_child_has_a_share_of_its_own() -> None:
    total = (budget._taken + 32) * MIB
    spool = filled(total)

    def share() -> int:
        spool.close()
        other = filled(total)
        return other.memory

    assert in_child(share) == 32 * MIB
    assert whole(spool) == CONTENT
    spool.close()
