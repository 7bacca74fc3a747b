"""The functions next to `open`: of files that are open, of whole files, of trees.

Most of them are methods of a `FileSystem` with the configuration that botocore finds;
one with another configuration has the same methods.
"""

from __future__ import annotations

import io
import os
import re
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from s3open import naming
from s3open.config import Config
from s3open.forking import unforked
from s3open.opening import open as _open
from s3open.service import FileSystem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from s3open.files import Info
    from s3open.naming import HasURI, Name

    _Signature: TypeAlias = tuple[int, int, int]

__all__ = [
    "acl",
    "buckets",
    "cat",
    "checksum",
    "cp",
    "discard",
    "download",
    "du",
    "encrypt",
    "escape",
    "etag",
    "etag_matches",
    "exists",
    "find",
    "glob",
    "head",
    "iglob",
    "info",
    "isdir",
    "isfile",
    "legal_hold",
    "list_page",
    "local",
    "ls",
    "md5",
    "mv",
    "presign",
    "presign_post",
    "public_url",
    "read_bytes",
    "read_text",
    "restore",
    "retention",
    "rm",
    "set_acl",
    "set_legal_hold",
    "set_metadata",
    "set_retention",
    "set_storage_class",
    "set_tags",
    "size",
    "stat",
    "sync",
    "tags",
    "tail",
    "tempdir",
    "touch",
    "unarchive",
    "undo",
    "upload",
    "versions",
    "walk",
    "write_bytes",
    "write_text",
]

_default = FileSystem()

exists = _default.exists
isfile = _default.isfile
isdir = _default.isdir
stat = _default.stat
size = _default.size
etag = _default.etag
etag_matches = _default.etag_matches
checksum = _default.checksum
md5 = _default.md5

ls = _default.ls
list_page = _default.list_page
glob = _default.glob
iglob = _default.iglob
escape = _default.escape
walk = _default.walk
find = _default.find
du = _default.du

touch = _default.touch
cat = _default.cat
read_bytes = _default.read_bytes
read_text = _default.read_text
write_bytes = _default.write_bytes
write_text = _default.write_text
head = _default.head
tail = _default.tail

versions = _default.versions
restore = _default.restore
undo = _default.undo
unarchive = _default.unarchive

cp = _default.cp
mv = _default.mv
rm = _default.rm
sync = _default.sync
tempdir = _default.tempdir

buckets = _default.buckets

acl = _default.acl
set_acl = _default.set_acl

tags = _default.tags
set_tags = _default.set_tags
set_metadata = _default.set_metadata
set_storage_class = _default.set_storage_class
encrypt = _default.encrypt
legal_hold = _default.legal_hold
set_legal_hold = _default.set_legal_hold
retention = _default.retention
set_retention = _default.set_retention

presign = _default.presign
presign_post = _default.presign_post
public_url = _default.public_url

# Extensions of a key, as far as they are harmless in a file's name.
_EXTENSIONS = re.compile(r"(?:\.[A-Za-z0-9_-]{1,16}){1,3}$")


def info(file: IO[Any], *, checksum: bool = False) -> Info:
    """Return what is known of the object that *file* has open.

    Costs no request, but one HEAD where an empty object was opened for reading, or
    where the *checksum* is wanted that the store keeps of what a file only reads.
    Raises TypeError for a file that `open` did not return, or a local one, and
    ObjectChangedError where a HEAD finds another object.
    """
    with unforked:
        from s3open.files import about, bottom

    return about(bottom(file), checksum=checksum)


def discard(file: IO[Any]) -> None:
    """Have ``close()`` publish nothing of *file*: the old object stays as it is.

    Raises TypeError for a file that `open` did not return, or a local one.
    """
    with unforked:
        from s3open.files import bottom

    bottom(file).settlement.discarded = True


def upload(
    file: Name | IO[bytes],
    uri: Name,
    start: int = 0,
    end: int | None = None,
    *,
    overwrite: bool = True,
    config: Config | None = None,
    **options: Any,
) -> Info:
    """Publish a file of this machine, or a window of it, at *uri*: all or nothing.

    One request up to `Config.part_size`. More is sent in parts, `Config.connections` of
    them at once, as far as `Config.memory` goes. If that is broken off (by a crash, by
    Ctrl-C, by a store out of reach for too long), the same call goes on with it, if it
    is still the same file: the store lists the parts that it has, and those whose
    checksums are the file's are not sent again. Until then they cost storage (a warning
    names the upload where there is somebody to warn). This is for paths; what is known
    of such uploads is in ``~/.local/state/s3open/transfers``. Safe from any thread; of
    several that upload the same at once, each does it for itself.

    Args:
        file: a path, or an open binary file, whose position is where it happens to be
            afterwards; one that cannot seek is sent as it comes.
        uri: where to; a path has the file copied, and replaced all at once.
        start: the first byte, counted from the beginning of the file; of one that
            cannot seek, from where it is.
        end: the byte behind the last one; None is the end of the file.
        overwrite: False raises FileExistsError if there is something at *uri*, and
            leaves it as it is.
        config: as for `open`.
        options: those for writing of `open`, but for ``on_error``, ``on_unclosed`` and
            ``streaming``; ``if_match``, the ETag of what it is to replace.

    Returns:
        What the store says of the new object: ``size etag version_id`` and the like,
        without another request. Of a path size and time.

    Raises:
        OSError: as `open` and ``close()``; ESTALE if the file changes meanwhile.
        ValueError: for a *file* on S3, and for bad arguments, before any request.
        TypeError: likewise; also for a text file.
    """
    from s3open import transfers

    return transfers.upload(
        file, uri, (start, end), config, options, overwrite=overwrite
    )


def download(
    uri: Name,
    file: Name | IO[bytes],
    byte_range: tuple[int, int | None] | range | None = None,
    *,
    overwrite: bool = True,
    config: Config | None = None,
    **options: Any,
) -> Info:
    """Have *file* be what is at *uri*, or some bytes of that: all or nothing.

    A path is replaced all at once, when everything has come, all of one version, with
    the checksum that the store keeps; until then the bytes are in a file beside it,
    which nobody else can read. One request up to `Config.part_size`, else ranges,
    `Config.connections` of them at once. If that is broken off (by a crash, by Ctrl-C,
    by a store out of reach for too long), the same call goes on with it, if it is still
    the same object: what is there is compared with its checksums, and the rest fetched
    (a warning names the file beside where there is somebody to warn). What is known of
    such downloads is in ``~/.local/state/s3open/transfers``. Safe from any thread; of
    several that download the same at once, each does it for itself.

    Args:
        uri: what to download; a path has the file copied.
        file: a path (its folder has to be there), or an open binary file, which the
            bytes are written to in order, where it is.
        byte_range: which bytes, as for `open`; None is all.
        overwrite: False raises FileExistsError if there is something at the path.
        config: as for `open`.
        options: those for reading of `open`, ``sse_customer_key``, and ``verify``.

    Returns:
        What the store says of the object; ``size`` is that of what was written.

    Raises:
        OSError: as `open` and ``read()``; IsADirectoryError if the path is one.
        ValueError: for a *file* on S3, and for bad arguments, before any request.
        TypeError: likewise; also for a text file.
    """
    from s3open import transfers

    if byte_range is not None:
        options["byte_range"] = byte_range

    return transfers.download(uri, file, config, options, overwrite=overwrite)


@contextmanager
def local(
    uri: str | os.PathLike[str] | HasURI, mode: str = "r", **options: Any
) -> Iterator[str]:
    """Give the path of a local copy of *uri*, for libraries that want a name.

    The copy has the key's extension and lies in a folder of its own, readable by the
    user alone, which is gone in the end. In the modes ``r+``, ``a``, ``w`` and ``x`` it
    is published when the block ends, all of it or nothing: in ``r+`` and ``a`` if it
    was changed, and if nobody else changed the object (ObjectChangedError); not at all
    if an exception leaves the block (but with ``on_error="publish"``). In ``w`` and
    ``x`` the path does not exist before the block creates it; if it does not, an empty
    object is published.

    Args:
        uri: as for `open`.
        mode: ``r``, ``r+``, ``a``, ``w`` or ``x``, with ``b`` or ``t`` or neither.
        options: the keyword-only options of `open`.
    """
    import tempfile

    letters = mode.replace("b", "").replace("t", "")
    if letters not in ("r", "r+", "a", "w", "x"):
        raise ValueError(f"invalid mode: {mode!r}")
    # An append has to begin with what is there.
    opened = {"r": "rb", "r+": "r+b", "a": "a+b"}.get(letters, letters + "b")
    extensions = _EXTENSIONS.search(naming.text(uri).rpartition("/")[2])
    name = "object" + (extensions[0] if extensions else "")
    config = options.get("config")
    place = config.temp_dir if isinstance(config, Config) else None
    with (
        tempfile.TemporaryDirectory(prefix="s3open-", dir=place) as folder,
        _open(uri, opened, **options) as file,
    ):
        path = os.path.join(folder, name)
        before = None
        if letters in ("r", "r+", "a"):
            file.seek(0)
            with io.open(path, "wb") as copy:
                _copy(file, copy)
            before = _signature(path)
        try:
            yield path
        except BaseException:
            if options.get("on_error") == "publish" and letters != "r":
                _take(file, path, before)
            raise
        if letters != "r":
            _take(file, path, before)


def _take(file: IO[Any], path: str, before: _Signature | None) -> None:
    """Have *file* be what is at *path*, if that was changed."""
    if os.path.exists(path) and _signature(path) != before:
        file.seek(0)
        file.truncate()
        with io.open(path, "rb") as copy:
            _copy(copy, file)


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    while data := source.read(1 << 20):
        target.write(data)


def _signature(path: str) -> _Signature:
    status = os.stat(path)
    return status.st_mtime_ns, status.st_size, status.st_ino
