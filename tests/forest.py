"""What the tests of trees have in common: a server, folders, and ways to fill them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s3open.config import Config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3open.testing import S3Server
    from s3open.trees.events import Event

BUCKET = "s3open-test"
ROOT = f"s3://{BUCKET}/"
CONFIG = Config()

TREE = {
    "a": b"alpha",
    "b/c": b"gamma" * 1000,
    "b/d/e.txt": b"epsilon",
    "b!": b"before the slash",
    "empty": b"",
    "umlaut-ä/ü": b"\xc3\xbc",
    "with space/and\nnewline": b"odd",
}


def fill(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write *files* below *folder*, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def read(folder: Path) -> dict[str, bytes]:
    """Return all files below *folder*."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def put(server: S3Server, prefix: str, files: Mapping[str, bytes]) -> None:
    """Store *files* below *prefix*."""
    for name, content in files.items():
        server.put(BUCKET, prefix + name, content)


def stored(server: S3Server, prefix: str = "") -> dict[str, bytes]:
    """Return all objects below *prefix*."""
    return {
        key[len(prefix) :]: server.read(BUCKET, key)
        for key in server.keys(BUCKET)
        if key.startswith(prefix)
    }


class Told(list["Event"]):
    """What a run has told: give its `append` as *on_event*."""

    def of(self, action: str) -> list[str]:
        """Return the sources of the events of one kind, in order of their names."""
        return sorted(event.source for event in self if event.action == action)


def touched(path: Path, moment: float) -> Path:
    """Give a file the time *moment*."""
    os.utime(path, (moment, moment))
    return path


def counts(report: Any) -> dict[str, int]:
    """Return what a report has counted of files, but for zeros."""
    names = ("copied", "moved", "removed", "skipped", "failures")
    return {name: getattr(report, name) for name in names if getattr(report, name)}
