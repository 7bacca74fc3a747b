"""`S3Path`: a name on S3 with the verbs of `pathlib.Path`."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from s3open import location as locations
from s3open import naming
from s3open.filesystem import Files
from s3open.path.pure import PureS3Path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from s3open.access import ACL
    from s3open.naming import Name
    from s3open.stores.status import Status


class S3Path(PureS3Path):
    """An object's name, or that of what could be a directory. Immutable, hashable.

    ``S3Path("s3://bucket/a") / "b.txt"`` is ``S3Path("s3://bucket/a/b.txt")``; parts
    are joined as by `join`, but empty ones are left out. The key is kept to the byte:
    ``..`` and ``.`` in it are text, ``a//b`` has a part without a name. One slash at
    the end is part of the key, and so tells it from others, but not of `name`, `parent`
    and `parts`.

    Two are equal if they name the same key in the same store, in whichever spelling
    (``s3a://``); they are in the order of their keys. Pickles unless *config* has
    secrets. All functions that take a name take one; what else does (builtin ``open``,
    `os`) says TypeError: use `s3open.open`, or `s3open.local` for a local copy.

    Args:
        name: a URI, or another S3Path.
        parts: what to join to it.
        config: how to reach the store; None is that of *name*, if it has one.
    """

    __slots__ = ()

    def open(
        self,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        **options: Any,
    ) -> IO[Any]:
        """Open the file; see `s3open.open`, which *options* are of."""
        if "b" not in mode:
            encoding = io.text_encoding(encoding)
        return self._store.open(
            self.uri, mode, buffering, encoding, errors, newline, **options
        )

    def read_bytes(self, **options: Any) -> bytes:
        """Return all bytes of the file."""
        return self._store.read_bytes(self, **options)

    def read_text(
        self,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        **options: Any,
    ) -> str:
        """Return all text of the file."""
        encoding = io.text_encoding(encoding)
        return self._store.read_text(self, encoding, errors, newline, **options)

    def write_bytes(self, data: bytes | bytearray | memoryview, **options: Any) -> int:
        """Have *data* be all of the file; return how many bytes these are."""
        self._store.write_bytes(self, data, **options)
        return memoryview(data).nbytes

    def write_text(
        self,
        data: str,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        **options: Any,
    ) -> int:
        """Have *data* be all of the file; return how many letters these are."""
        encoding = io.text_encoding(encoding)
        self._store.write_text(self, data, encoding, errors, newline, **options)
        return len(data)

    def iterdir(self) -> Iterator[S3Path]:
        """Yield what is in the directory.

        A directory has no slash at its end, as in pathlib; where there is also a file
        of that name, two are yielded that are equal.
        """
        return self._listed(self._store.ls(self._directory))

    def glob(self, pattern: str) -> Iterator[S3Path]:
        """Yield what is below and matches *pattern*; see `FileSystem.iglob`."""
        if not pattern or pattern.startswith("/") or locations.scheme(pattern):
            raise ValueError(f"Unacceptable pattern: {pattern!r}")
        here = self._store.escape(self._directory)
        return self._listed(self._store.iglob(here + pattern))

    def rglob(self, pattern: str) -> Iterator[S3Path]:
        """Yield what is below, at any depth, and matches *pattern*."""
        return self.glob(f"**/{pattern}")

    def walk(
        self, top_down: bool = True
    ) -> Iterator[tuple[S3Path, list[str], list[str]]]:
        """Yield the directories from here downwards, as `os.walk` does.

        In the other direction all of them are kept in memory first.
        """
        levels = self._store.walk(self.uri)
        for name, folders, files in levels if top_down else reversed(list(levels)):
            yield self._at(name), folders, files

    def stat(self, **options: Any) -> Status:
        """Return what is known of it; see `FileSystem.stat`."""
        return self._store.stat(self, **options)

    def exists(self) -> bool:
        """Whether there is a file, or a directory."""
        return self._store.exists(self)

    def is_file(self) -> bool:
        """Whether there is a file."""
        return self._store.isfile(self)

    def is_dir(self) -> bool:
        """Whether there are keys below it."""
        return self._store.isdir(self)

    def samefile(self, other: Name) -> bool:
        """Whether *other* names the same key in the same store. No request."""
        at = locations.parse(naming.text(other))
        if isinstance(other, S3Path) or at is None:
            return self == other
        return self == self._at(at.uri)

    def touch(self, mode: int = 0o666, exist_ok: bool = True, **options: Any) -> None:
        """Make an empty file, if there is none; *mode* has no meaning."""
        self._store.touch(self, exist_ok=exist_ok, **options)

    def mkdir(
        self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False
    ) -> None:
        """Make nothing: there is a directory as soon as there is a file in it.

        With *exist_ok* no request is made, either. Without it FileExistsError if there
        is a file or a directory, as a program has it that wants a new one; nobody is
        kept from using the same name after that, though. *mode* has no meaning, and
        parents need not be there.
        """
        if not exist_ok and self.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), self.uri)

    def rmdir(self) -> None:
        """Remove the marker of an empty directory, if there is one.

        OSError ENOTEMPTY if there are files in it; NotADirectoryError for a file. That
        there is nothing is fine, for so it is after `mkdir`, or when its last file is
        gone. A bucket is not removed: ValueError.
        """
        if not self.key:
            raise ValueError(f"rmdir removes no bucket: {self.uri!r}")
        marker = self._at(self._directory)
        page = self._store.list_page(marker, max_keys=2)
        names = [entry.name for entry in page.entries]
        if names == [marker.key]:
            from s3open.stores import keys

            # No more than this key, whatever is put below it meanwhile.
            keys.remove(self._config, marker._location)  # noqa: SLF001  # of its kind
        elif names:
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), self.uri)
        elif self.is_file():
            number = errno.ENOTDIR
            raise NotADirectoryError(number, os.strerror(number), self.uri)

    def unlink(self, missing_ok: bool = False, **options: Any) -> None:
        """Remove the file; see `FileSystem.rm`."""
        self._store.rm(self, glob=False, missing_ok=missing_ok, **options)

    def rename(self, target: Name) -> S3Path:
        """Move the file, or all of the directory, to *target* on S3; return that.

        What is there is replaced. It is a copy within S3 and a deletion, file by file.
        """
        if locations.parse(naming.text(target)) is None:
            raise ValueError(
                "rename stays on S3: use move, or with_name for the target"
            )
        return cast("S3Path", self.move(target))

    def replace(self, target: Name) -> S3Path:
        """As `rename`."""
        return self.rename(target)

    def copy(self, target: Name, **options: Any) -> S3Path | Path:
        """Copy the file, or all of the directory, to *target*; return where it is then.

        On S3 or on this machine; see `FileSystem.cp`, which *options* are of.
        """
        return self._sent(self._store.cp, target, options)

    def copy_into(self, target_dir: Name, **options: Any) -> S3Path | Path:
        """Copy it, under its own name, into the directory *target_dir*."""
        return self.copy(self._within(target_dir), **options)

    def move(self, target: Name, **options: Any) -> S3Path | Path:
        """Move the file, or all of the directory, as `copy` and `unlink` do."""
        return self._sent(self._store.mv, target, options)

    def move_into(self, target_dir: Name, **options: Any) -> S3Path | Path:
        """Move it, under its own name, into the directory *target_dir*."""
        return self.move(self._within(target_dir), **options)

    def acl(self, **options: Any) -> ACL:
        """Return whom it belongs to, and who may do what; see `FileSystem.acl`."""
        return self._store.acl(self, **options)

    def set_acl(
        self, acl: ACL | str | bytes | Mapping[str, Any], **options: Any
    ) -> None:
        """Have *acl* say who may do what with it; see `FileSystem.set_acl`."""
        self._store.set_acl(self, acl, **options)

    def tags(self, **options: Any) -> dict[str, str]:
        """Return its tags; see `FileSystem.tags`."""
        return self._store.tags(self, **options)

    def set_tags(self, tags: Mapping[str, str], **options: Any) -> None:
        """Have *tags*, and no others, be its tags; see `FileSystem.set_tags`."""
        self._store.set_tags(self, tags, **options)

    def presign(self, method: str = "GET", **options: Any) -> str:
        """Return a URL that does one thing with it; see `FileSystem.presign`."""
        return self._store.presign(self, method, **options)

    def public_url(self, **options: Any) -> str:
        """Return its URL without a signature; see `FileSystem.public_url`."""
        return self._store.public_url(self, **options)

    @property
    def _store(self) -> Files:
        return Files(self._config)

    @property
    def _directory(self) -> str:
        """The URI that the names of all that is in it begin with."""
        return self.uri if self.uri.endswith("/") else self.uri + "/"

    def _listed(self, uris: Iterator[str]) -> Iterator[S3Path]:
        for uri in uris:
            # A directory that has no name is told by its slash only.
            bare = uri.endswith("//") or not uri.endswith("/")
            yield self._at(uri if bare else uri[:-1])

    def _within(self, folder: Name) -> str:
        if not self.name:
            raise ValueError(f"{self!r} has an empty name")
        return naming.child(folder, self.name)

    def _sent(
        self, verb: Callable[..., Any], target: Name, options: dict[str, Any]
    ) -> S3Path | Path:
        """Copy or move to *target*: a file, or else a directory."""
        uri = naming.text(target)
        at = locations.parse(uri)
        local = "" if at else locations.local_path(uri)
        inside = at.is_directory_like if at else local.endswith(("/", os.sep))
        if inside or os.path.isdir(local):
            landed = naming.child(uri, self.name)
        else:
            landed = uri if at else local
        try:
            verb(self, landed, glob=False, **options)
        except IsADirectoryError:
            verb(self, uri, glob=False, recursive=True, **options)
            landed = uri if at else local
        return self._at(landed) if at else Path(landed)
