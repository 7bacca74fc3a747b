"""What goes where: S3, a path, an open file, each way."""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, cast

from s3open import config as configuration
from s3open import contract, naming
from s3open import location as locations
from s3open.files import Info, about, bottom
from s3open.files import mode as modes
from s3open.location import check_is_file
from s3open.opening import open as _open
from s3open.stores import attributes
from s3open.stores import options as given
from s3open.transfers import copying, landing
from s3open.transfers.downloading import Download
from s3open.transfers.sources import FileSource, OpenSource, is_regular, plain
from s3open.transfers.uploading import Upload

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from s3open.config import Config
    from s3open.location import Location

_READ = modes.Mode(
    "rb",
    reading=True,
    writing=False,
    appending=False,
    creating=False,
    updating=False,
    binary=True,
)
_CHUNK = 1 << 20


def upload(
    file: Any,
    uri: Any,
    window: tuple[int, int | None],
    config: Config | None,
    options: Mapping[str, Any],
    *,
    overwrite: bool,
) -> Info:
    """See `s3open.upload`; *window* is start and end."""
    _check_names("upload", options, attributes.NAMES | {"if_match"})
    writing = attributes.parsed(options)
    replaces = given.replaced(options.get("if_match"))
    if replaces is not None and not overwrite:
        raise ValueError("if_match excludes overwrite=False")
    start, end = window
    if start < 0 or (end is not None and end < start):
        raise ValueError(f"it has to be 0 <= start <= end: {start}, {end}")
    location = _location(uri)
    if location is None:
        name = _local(uri)
        if replaces is not None:
            raise ValueError(f"if_match: only for targets on S3, not {name!r}")
        with _source(file, start, end) as (source, _):
            return _to_local(source, name, overwrite=overwrite)
    check_is_file(location)
    with _source(file, start, end) as (source, path):
        condition = _condition(replaces, overwrite=overwrite)
        target = Upload(location, _config(config), writing, condition)
        if path is not None and isinstance(source, FileSource):
            return target.send_file(source, path)
        return target.send(source)


def _condition(replaces: str | None, *, overwrite: bool) -> contract.Condition:
    if replaces is not None:
        return contract.Condition(etag=replaces)
    return contract.ALWAYS if overwrite else contract.IF_ABSENT


def download(
    uri: Any,
    file: Any,
    config: Config | None,
    options: Mapping[str, Any],
    *,
    overwrite: bool,
) -> Info:
    """See `s3open.download`; its byte_range is one of *options*."""
    _check_names("download", options, given.READING | attributes.NAMES | {"verify"})
    parsed = given.parsed(options, _READ)
    location = _location(uri)
    path = _path(file, "download goes to")
    if path is not None:
        target = landing.checked(path, overwrite=overwrite)
        if not landing.is_special(target):
            if location is not None:
                chosen = _config(config)
                return Download(
                    location, target, chosen, parsed, overwrite=overwrite
                ).fetch()
            with _source(uri, *_window(parsed)) as (source, _):
                return copying.copy(source, target, overwrite=overwrite)
        with io.open(path, "wb", buffering=0) as special:
            return _poured(uri, special, config, options)
    _check_binary(file, "write")
    return _poured(uri, file, config, options)


def _poured(
    uri: Any, file: IO[bytes], config: Config | None, options: Mapping[str, Any]
) -> Info:
    """Write what *uri* has to *file*, where that is, in order."""
    location = _location(uri)
    if location is None:
        with _source(uri, *_window(given.parsed(options, _READ))) as (source, _):
            size = copying.poured(source, file)
        return Info(_local(uri), "", "", size)
    with _open(location.uri, "rb", config=config, **options) as source:
        while data := source.read(_CHUNK):
            copying.write_all(file, memoryview(data))
        return about(bottom(source), checksum=False)


def _to_local(source: FileSource | OpenSource, name: str, *, overwrite: bool) -> Info:
    target = landing.checked(name, overwrite=overwrite)
    if landing.is_special(target):
        with io.open(target, "wb", buffering=0) as special:
            return Info(name, "", "", copying.poured(source, special))
    return copying.copy(source, target, overwrite=overwrite)


@contextmanager
def _source(
    file: Any, start: int, end: int | None
) -> Iterator[tuple[FileSource | OpenSource, str | None]]:
    """Give the bytes of *file*, and its path if they may be read there again later."""
    path = _path(file, "upload takes")
    if path is None:
        _check_binary(file, "read")
        yield _opened(file, start, end), None
    elif is_regular(path):
        with FileSource(path, start, end) as source:
            yield source, os.path.realpath(path)
    else:
        with io.open(path, "rb", buffering=0) as pipe:
            yield OpenSource(cast("IO[bytes]", pipe), start, end), None


def _window(options: given.Options) -> tuple[int, int | None]:
    window = options.reading.window
    return (0, None) if window is None else (window.start, window.stop)


def _opened(file: Any, start: int, end: int | None) -> FileSource | OpenSource:
    raw = plain(file)
    if raw is None:
        return OpenSource(file, start, end)
    if file.writable():
        file.flush()
    return FileSource(raw.fileno(), start, end)


def _path(file: Any, doing: str) -> str | None:
    """Return the path that *file* is, None if it is an open file."""
    name = naming.spelled(file)
    if name is None:
        return None
    if _location(name) is not None:
        raise ValueError(f"{doing} a file of this machine, not {name!r}")
    return _local(name)


def _local(name: Any) -> str:
    return locations.local_path(naming.text(name))


def _location(name: Any) -> Location | None:
    return locations.parse(naming.text(name))


def _check_binary(file: Any, method: str) -> None:
    if isinstance(file, io.TextIOBase) or not hasattr(file, method):
        raise TypeError(
            f"it has to be a path or a binary file, not {type(file).__name__}"
        )


def _check_names(
    function: str, options: Mapping[str, Any], names: Collection[str]
) -> None:
    for name in options:
        if name not in names:
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}")


def _config(config: Config | None) -> Config:
    if not isinstance(config, (configuration.Config, type(None))):
        raise TypeError(f"config has to be a Config, not {type(config).__name__}")
    return config or configuration.DEFAULT
