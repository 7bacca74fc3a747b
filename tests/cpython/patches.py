"""`open` and `os` with two kinds of names: ours go to S3, all others as ever."""

from __future__ import annotations

import builtins
import errno
import functools
import io
import os
import posixpath
import shutil
import sys
import tempfile
from itertools import count
from typing import TYPE_CHECKING, Any

import s3open
from tests.cpython.bucket import ROOT, Bucket, uri_of
from tests.stores import open_any

if TYPE_CHECKING:
    from collections.abc import Callable

_BUILTIN_OPEN = io.open
# What s3open does otherwise for safety's sake, as the README says.
_AS_BUILTIN: Any = {"on_error": "publish", "on_unclosed": "publish"}
# Of `tempfile.TemporaryFile`, which need no place here.
_PLACE = ("suffix", "prefix", "dir")


class _Names:
    """Which names are ours, and what is open by a number.

    Relative names are ours as long as the current directory is.
    """

    def __init__(self) -> None:
        self.folder: str | None = None
        self.descriptors: dict[int, tuple[str, Any]] = {}
        self.fresh = count()

    def ours(self, name: Any) -> str | None:
        uri = uri_of(name)
        if uri is None and self.folder and isinstance(name, (str, os.PathLike)):
            text = str(os.fspath(name))
            if not text.startswith("/"):
                return os.path.normpath(f"{self.folder}/{text}")
        return uri

    def new(self, suffix: str | None = None, prefix: str | None = None) -> str:
        return f"{ROOT}/{prefix or 'tmp'}{next(self.fresh)}{suffix or ''}"


class Open:
    """`s3open.open` for our names; an object, as tests keep `open` in their classes."""

    def __init__(self, names: _Names) -> None:
        self._names = names
        self.calls = 0
        self.__module__ = _BUILTIN_OPEN.__module__
        self.__name__ = _BUILTIN_OPEN.__name__

    def __call__(self, file: Any, *arguments: Any, **options: Any) -> Any:
        uri: Any = None
        if isinstance(file, int):
            if file in self._names.descriptors and options.get("closefd", True):
                uri, below = self._names.descriptors[file]
                s3open.discard(below)
                os.close(file)
                # It was created when the descriptor was.
                arguments = tuple(
                    each.replace("x", "w") if each == arguments[0] else each
                    for each in arguments
                )
        elif isinstance(file, bytes):
            uri = file if self._names.ours(file) else None
        else:
            uri = self._names.ours(file)
        if uri is None:
            return _BUILTIN_OPEN(file, *arguments, **options)
        self.calls += 1
        return open_any(uri, *arguments, **options, **_AS_BUILTIN)

    def temporary(
        self, mode: str = "w+b", buffering: int = -1, *arguments: Any, **options: Any
    ) -> Any:
        """Open a file as `tempfile.TemporaryFile` does."""
        given = {name: options[name] for name in options if name not in _PLACE}
        return self(self._names.new(), mode, buffering, *arguments[:2], **given)


class FileIO:
    """`io.FileIO` as a function: the raw file, which is `open` without a buffer."""

    def __init__(self, opened: Open) -> None:
        self._open = opened

    def __call__(
        self, file: Any, mode: str = "r", closefd: bool = True, opener: Any = None
    ) -> Any:
        if uri_of(file) is None:
            return io.FileIO(file, mode, closefd, opener)
        binary = mode if "b" in mode else mode + "b"
        return self._open(file, binary, 0, closefd=closefd, opener=opener)


def install(bucket: Bucket) -> Open:
    """Patch this process for good; return what `open` is now."""
    names = _Names()
    opened = Open(names)
    for module in list(sys.modules.values()):
        if module is not sys.modules["_io"] and module is not sys.modules[__name__]:
            for name, value in list(getattr(module, "__dict__", {}).items()):
                if value is _BUILTIN_OPEN:
                    setattr(module, name, opened)
    for name in list(sys.modules):
        # They keep the functions themselves; what imports them next gets them anew.
        if name.partition(".")[0] in ("pathlib", "glob"):
            del sys.modules[name]
    builtins.open = opened
    _patch_system(bucket, names)
    _patch_descriptors(bucket, names, opened)
    _patch_paths(names)
    _patch_temporary(bucket, names)
    return opened


def _patch_system(bucket: Bucket, names: _Names) -> None:
    def status(uri: str, *_: Any, **__: Any) -> os.stat_result:
        return bucket.stat(uri)

    def remove(uri: str, *_: Any, **__: Any) -> None:
        bucket.unlink(uri)

    def nothing(uri: str, *_: Any, **__: Any) -> None:
        bucket.stat(uri)

    def refused(uri: str, *_: Any, **__: Any) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), uri)

    def access(uri: str, *_: Any, **__: Any) -> bool:
        return os.path.exists(uri)

    def chmod(uri: str, mode: int, **_: Any) -> None:
        bucket.chmod(uri, mode)

    def utime(uri: str, times: Any = None, **_: Any) -> None:
        bucket.utime(uri, times and times[1])

    ours: dict[str, Callable[..., Any]] = {
        "stat": status,
        "lstat": status,
        "unlink": remove,
        "remove": remove,
        "mkdir": bucket.mkdir,
        "rmdir": bucket.rmdir,
        "listdir": bucket.listdir,
        "access": access,
        "chmod": chmod,
        "utime": utime,
        "chown": nothing,
        "lchown": nothing,
        "mkfifo": refused,
        "mknod": refused,
        "statvfs": lambda _: os.statvfs(tempfile.gettempdir()),
    }
    for name, function in ours.items():
        _divert(os, name, function, names)
    _patch_scandir(bucket, names)
    _patch_pairs(bucket, names)
    _divert(shutil, "rmtree", lambda uri, *_, **__: bucket.rmtree(uri), names)
    _patch_directory(bucket, names)


def _patch_pairs(bucket: Bucket, names: _Names) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise NotImplementedError("not on S3")

    for name in ("rename", "replace", "symlink", "link"):
        _divert_pair(name, bucket.rename if name.startswith("re") else unknown, names)


def _patch_scandir(bucket: Bucket, names: _Names) -> None:
    builtin = os.scandir

    def scandir(path: Any = ".") -> Any:
        uri = names.ours(path)
        if uri is None:
            return builtin(path)
        return bucket.scandir(uri, os.fspath(path) if uri_of(path) else uri)

    _replace(os, "scandir", staticmethod(scandir))


def _patch_descriptors(bucket: Bucket, names: _Names, opened: Open) -> None:
    """Have `os.open` give the descriptor of a file of ours, that `os.close` closes."""
    close = os.close

    def descriptor(uri: str, flags: int, mode: int = 0o777, **_: Any) -> int:
        if not flags & (os.O_WRONLY | os.O_RDWR):
            with opened(uri, "rb") as file:
                return os.dup(file.fileno())
        there = os.path.exists(uri)
        if there and flags & os.O_CREAT and flags & os.O_EXCL:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), uri)
        if not there and flags & os.O_CREAT:
            opened(uri, "xb").close()
            bucket.chmod(uri, mode & ~0o022)
        file = opened(uri, "wb" if flags & os.O_TRUNC else "r+b", 0)
        number: int = file.fileno()
        names.descriptors[number] = uri, file
        return number

    def closed(number: int) -> None:
        if number in names.descriptors:
            names.descriptors.pop(number)[1].close()
        else:
            close(number)

    _divert(os, "open", descriptor, names)
    _replace(os, "close", closed)


def _patch_directory(bucket: Bucket, names: _Names) -> None:
    go, where = os.chdir, os.getcwd

    def chdir(path: Any) -> None:
        uri = names.ours(path)
        if uri is None:
            go(path)
        else:
            bucket.listdir(uri)
        names.folder = uri

    _replace(os, "chdir", chdir)
    _replace(os, "getcwd", lambda: names.folder or where())


def _patch_paths(names: _Names) -> None:
    """Have the functions on names know that ours have two slashes, and are absolute."""
    normal, common, absolute = posixpath.normpath, posixpath.commonpath, posixpath.isabs

    def normpath(path: Any) -> Any:
        uri = uri_of(path)
        return normal(path) if uri is None else _like(path, "s3:/" + normal(uri[4:]))

    whole, real = posixpath.abspath, posixpath.realpath

    def abspath(path: Any) -> Any:
        uri = names.ours(path)
        return whole(path) if uri is None else _like(path, normpath(uri))

    def realpath(path: Any, **options: Any) -> Any:
        return abspath(path) if names.ours(path) else real(path, **options)

    def commonpath(paths: Any) -> Any:
        listed = list(paths)
        return normpath(common(listed)) if listed else common(listed)

    _replace(posixpath, "normpath", normpath)
    _replace(posixpath, "commonpath", commonpath)
    _replace(posixpath, "isabs", lambda path: bool(uri_of(path)) or absolute(path))
    _replace(posixpath, "abspath", abspath)
    _replace(posixpath, "realpath", realpath)


def _like(path: Any, text: str) -> str | bytes:
    return os.fsencode(text) if isinstance(os.fspath(path), bytes) else text


def _patch_temporary(bucket: Bucket, names: _Names) -> None:
    def mkstemp(suffix: Any = None, prefix: Any = None, *_: Any) -> tuple[int, str]:
        uri = names.new(suffix, prefix)
        return os.open(uri, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), uri

    def mkdtemp(suffix: Any = None, prefix: Any = None, *_: Any) -> str:
        uri = names.new(suffix, prefix)
        bucket.mkdir(uri)
        return uri

    _replace(tempfile, "mkstemp", mkstemp)
    _replace(tempfile, "mkdtemp", mkdtemp)


def _divert(module: Any, name: str, ours: Callable[..., Any], names: _Names) -> None:
    """Have *ours* called for our names."""
    builtin = getattr(module, name)

    @functools.wraps(builtin)
    def diverted(path: Any = ".", *arguments: Any, **options: Any) -> Any:
        uri = names.ours(path)
        if uri is None:
            return builtin(path, *arguments, **options)
        return ours(uri, *arguments, **options)

    # pathlib keeps it in a class, where a plain function would become a method.
    _replace(module, name, staticmethod(diverted))


def _divert_pair(name: str, ours: Callable[..., Any], names: _Names) -> None:
    builtin = getattr(os, name)

    @functools.wraps(builtin)
    def diverted(source: Any, target: Any, *arguments: Any, **options: Any) -> Any:
        pair = names.ours(source), names.ours(target)
        if pair == (None, None):
            return builtin(source, target, *arguments, **options)
        return ours(*pair)

    _replace(os, name, staticmethod(diverted))


def _replace(module: Any, name: str, function: Any) -> None:
    setattr(module, name, function)
