"""Files of other schemes, by smart_open, with the same spool on top as S3's.

So reading seeks and has a descriptor, and writing is all or nothing: the bytes are
kept on this machine until the file is closed, and sent then. Where a half could be
seen meanwhile (SFTP, FTP), they are sent to a name beside it, which is renamed.
"""

from __future__ import annotations

import errno
import io
import os
import secrets
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from s3open import contract
from s3open.config import MIB
from s3open.files import RemoteFile
from s3open.location import ELSEWHERE, Location
from s3open.reading import Download
from s3open.s3 import retry
from s3open.spool import Spool
from s3open.stores import handles
from s3open.writing import Publication

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from s3open.config import Config
    from s3open.files import Mode

_READ_ONLY = ("http", "https")
_BY_SSH = ("sftp", "scp", "ssh")
_BY_FTP = ("ftp", "ftps")


class Place(NamedTuple):
    """A file of another scheme, and how smart_open is to reach it.

    *shown* is the URI as errors tell it: without a password.
    """

    uri: str
    scheme: str
    shown: str
    params: Mapping[str, Any]

    def begin(self, mode: str) -> Any:
        """Return smart_open's file; ModuleNotFoundError says what to install."""
        import smart_open

        given = dict(self.params)
        if mode == "rb":
            given = handles.for_reading(self.scheme, given)
        try:
            return smart_open.open(
                self.uri, mode, compression="disable", transport_params=given
            )
        except (NotImplementedError, ImportError) as error:
            extra = ELSEWHERE[self.scheme]
            if isinstance(error, NotImplementedError) and mode != "rb":
                raise
            what = f"s3open[{extra}]" if extra else "what smart_open needs"
            raise ModuleNotFoundError(
                f"to open {self.scheme}:// install {what}"
            ) from error


def place(name: str, params: Mapping[str, Any] | None) -> Place | None:
    """Return what *name* spells, None if its scheme is not one of `ELSEWHERE`."""
    scheme = name.partition("://")[0].lower()
    if scheme not in ELSEWHERE:
        return None
    return Place(name, scheme, handles.shown(name), params or {})


def open_file(
    place: Place,
    name: str | bytes,
    mode: Mode,
    config: Config,
    *,
    kind: type[RemoteFile] = RemoteFile,
) -> RemoteFile:
    """Return the raw file for *place*, which is to be called *name*.

    Reading opens it at once. ``a`` and ``r+`` read all of it, and write all of it
    again. Nothing keeps others from writing meanwhile.
    """
    if mode.writable and place.scheme in _READ_ONLY:
        raise io.UnsupportedOperation(
            f"{place.scheme}:// is only read: {place.shown!r} has no mode {mode.text!r}"
        )
    if not mode.writable:
        return _reading(place, name, mode, config, kind)
    spool = _spool(config, config.memory)
    try:
        found = False
        if mode.creating:
            _check_absent(place)
        elif mode.reading or mode.appending:
            found = _fill(spool, place, required=mode.reading)
        condition = "absent" if mode.creating else "always"
        publication = Publication(
            place.shown,
            spool,
            partial(_publish, place, spool, mode),
            about=lambda: _about(condition),
            always=not found,
        )
        return kind(
            name,
            mode,
            spool,
            place=_location(place),
            describe=lambda **_: contract.ObjectInfo(spool.size),
            publication=publication,
        )
    except BaseException:
        spool.close()
        raise


def _reading(
    place: Place,
    name: str | bytes,
    mode: Mode,
    config: Config,
    kind: type[RemoteFile],
) -> RemoteFile:
    with handles.raising(place.shown):
        handle = place.begin("rb")
    spool, download = None, None
    try:
        with handles.raising(place.shown):
            size = handles.size_of(handle)
        if size is None:
            # Nobody knows where it ends before all of it is here.
            spool = _spool(config, config.memory)
            _pour(place, handle, spool)
            handles.close(handle)
            size = spool.size
        else:
            spool = _spool(config, min(config.memory, size + MIB), size)
            download = _download(place, handle, size, spool, config)
    except BaseException:
        handles.close(handle)
        if spool is not None:
            spool.close()
        raise
    info = contract.ObjectInfo(size)
    return kind(
        name,
        mode,
        spool,
        place=_location(place),
        describe=lambda **_: info,
        download=download,
    )


def _download(
    place: Place, handle: Any, size: int, spool: Spool, config: Config
) -> Download | None:
    info = contract.ObjectInfo(size)
    reader = handles.HandleReader(
        partial(place.begin, "rb"), place.shown, info, handles.identity(handle)
    )
    if not size:
        handles.close(handle)
        return None
    # One connection reads on; nobody has said how many more would be welcome.
    return Download(reader, spool, reader.answer(handle), retry.Patience.of(config), 1)


def _fill(spool: Spool, place: Place, *, required: bool) -> bool:
    """Have *spool* hold what is there, which may be nothing if it is not *required*."""
    try:
        with handles.raising(place.shown):
            handle = place.begin("rb")
    except FileNotFoundError:
        if required:
            raise
        return False
    try:
        _pour(place, handle, spool)
    finally:
        handles.close(handle)
    return True


def _pour(place: Place, handle: Any, spool: Spool) -> None:
    with handles.raising(place.shown, again=True):
        while data := handle.read(MIB):
            spool.write_at(spool.size, memoryview(data))
        if place.scheme in _BY_FTP:
            # The data just ends, whatever has ended it; what is said then tells.
            handle.socket.close()
            handle.conn.voidresp()
    spool.changed = False


def _check_absent(place: Place) -> None:
    """Raise FileExistsError if there is such a file; it is asked again at the end."""
    try:
        with handles.raising(place.shown):
            handles.close(place.begin("rb"))
    except FileNotFoundError:
        return
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), place.shown)


def _publish(place: Place, spool: Spool, mode: Mode) -> None:
    if mode.creating:
        _check_absent(place)
    pieces = _pieces(spool)
    with handles.raising(place.shown):
        if place.scheme in _BY_SSH:
            _by_ssh(place, pieces)
        elif place.scheme in _BY_FTP:
            _by_ftp(place, pieces)
        else:
            # It aborts by itself what an exception leaves.
            with place.begin("wb") as sink:
                _send(pieces, sink)


def _pieces(spool: Spool) -> Iterable[memoryview]:
    step = memoryview(bytearray(MIB))
    for offset in range(0, spool.size, MIB):
        with step[: spool.read_at(offset, step)] as piece:
            yield piece


def _send(pieces: Iterable[memoryview], sink: Any) -> None:
    for piece in pieces:
        sink.write(bytes(piece))


def _by_ssh(place: Place, pieces: Iterable[memoryview]) -> None:
    aside, written, path = _beside(place)
    sink = aside.begin("wb")
    # paramiko's, of the connection that smart_open has made.
    client = sink.sftp
    try:
        with closing(sink):
            _send(pieces, sink)
        _rename(client, written, path)
    except BaseException:
        with suppress(Exception):
            client.remove(written)
        raise


def _rename(client: Any, written: str, path: str) -> None:
    try:
        client.posix_rename(written, path)
    except OSError:
        # A server that does not know it replaces nothing.
        with suppress(OSError):
            client.remove(path)
        client.rename(written, path)


def _by_ftp(place: Place, pieces: Iterable[memoryview]) -> None:
    aside, written, path = _beside(place)
    try:
        with closing(aside.begin("wb")) as sink:
            _send(pieces, sink)
        _command(place, lambda ftp: ftp.rename(written, path))
    except BaseException:
        with suppress(Exception):
            _command(place, lambda ftp: ftp.delete(written))
        raise


def _command(place: Place, do: Callable[[Any], object]) -> None:
    """Have *do* ask something of the FTP server, on a connection of its own."""
    import ftplib

    parts = urlsplit(place.uri)
    timeout = place.params.get("timeout")
    given = {} if timeout is None else {"timeout": timeout}
    kind: Any = ftplib.FTP_TLS if place.scheme == "ftps" else ftplib.FTP
    with kind(**given) as ftp:
        ftp.connect(parts.hostname or "", parts.port or ftplib.FTP_PORT)
        ftp.login(unquote(parts.username or ""), unquote(parts.password or ""))
        do(ftp)


def _beside(place: Place) -> tuple[Place, str, str]:
    """Return a place in the same directory, its path, and that of *place*."""
    tail = f".s3open-{secrets.token_hex(4)}"
    path = unquote(urlsplit(place.uri).path)
    return place._replace(uri=place.uri + tail), path + tail, path


def _spool(config: Config, memory: int, size: int = 0) -> Spool:
    place, total = config.temp_dir, config.total_memory
    return Spool(size, memory=memory, directory=place, total=total, keep=True)


def _location(place: Place) -> Location:
    host, _, path = place.shown.partition("://")[2].partition("/")
    return Location(host, path, place.shown)


def _about(condition: str) -> dict[str, object]:
    """Return what a recovery file tells: how S3 was reached is no part of it."""
    return {
        "condition": condition,
        "endpoint": None,
        "connection": {},
        "content_type": None,
        "metadata": None,
        "settings": {},
        "withheld": [],
        "keep_tags": "warn",
    }
