"""Gzip on the way: any read sizes, the same bytes each time, changes noticed."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from s3open.trees.packing import Packed, packed
from tests.fakes import pattern

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("size", [0, 1, 3_000_001])
@pytest.mark.parametrize("step", [7, 65_536, 1 << 24])
def test_what_is_packed_comes_out_again(tmp_path: Path, size: int, step: int) -> None:
    content = pattern(size)
    (tmp_path / "file").write_bytes(content)
    file = Packed(str(tmp_path / "file"))
    pieces = []
    while piece := file.read(step):
        assert len(piece) <= step
        pieces.append(piece)
    assert file.read(step) == b""
    file.close()
    assert not file.seekable()
    assert gzip.decompress(b"".join(pieces)) == content


def test_the_same_bytes_pack_alike() -> None:
    assert packed(b"content") == packed(b"content")
    assert gzip.decompress(packed(b"content")) == b"content"


def test_a_file_that_changes_has_no_end(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(pattern(2 << 20))
    file = Packed(str(path))
    file.read(1)
    path.write_bytes(b"other")
    with pytest.raises(OSError, match="changed"):
        while file.read(1 << 20):
            pass
    file.close()
