"""What one file of many may use of the memory."""

from __future__ import annotations

from s3open.config import MIB, Config
from s3open.trees.shares import LARGE, share, whole


def test_small_files_take_no_more_together_than_all_may() -> None:
    assert whole(Config()) == Config().part_size
    assert whole(Config(part_size=512 * MIB)) == 8 * MIB
    assert whole(Config(total_memory=1)) == 2 * MIB


def test_large_files_share_it() -> None:
    assert share(Config()) == Config()
    assert share(Config(memory=1024 * MIB)).memory == 1024 * MIB // LARGE
    assert share(Config(total_memory=1)).memory == 2 * MIB
