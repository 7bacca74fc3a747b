"""An SFTP server for one folder, by paramiko."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from typing import Any

import paramiko  # without types

PASSWORD = "secret"


class _Login(paramiko.ServerInterface):  # type: ignore[misc]
    def check_auth_password(self, username: str, password: str) -> Any:
        right = password == PASSWORD
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> Any:
        return paramiko.OPEN_SUCCEEDED


class _Handle(paramiko.SFTPHandle):  # type: ignore[misc]
    def stat(self) -> Any:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class _Files(paramiko.SFTPServerInterface):  # type: ignore[misc]
    root = Path()
    fails = False

    def _path(self, path: str) -> str:
        return f"{self.root}{self.canonicalize(path)}"

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(os.stat(self._path(path)))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        try:
            mode = "r+b" if flags & (os.O_WRONLY | os.O_RDWR) else "rb"
            descriptor = os.open(self._path(path), flags, 0o644)
            file = os.fdopen(descriptor, "wb" if mode == "r+b" else "rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        handle = _Failing(flags) if self.fails and mode == "r+b" else _Handle(flags)
        handle.readfile = handle.writefile = file
        return handle

    def remove(self, path: str) -> Any:
        os.remove(self._path(path))
        return paramiko.SFTP_OK

    def rename(self, oldpath: str, newpath: str) -> Any:
        if os.path.exists(self._path(newpath)):
            return paramiko.SFTP_FAILURE
        os.rename(self._path(oldpath), self._path(newpath))
        return paramiko.SFTP_OK

    def posix_rename(self, oldpath: str, newpath: str) -> Any:
        os.replace(self._path(oldpath), self._path(newpath))
        return paramiko.SFTP_OK


class _Failing(_Handle):
    def write(self, offset: int, data: bytes) -> Any:
        return paramiko.SFTP_FAILURE


class Server:
    """Serves *folder* until it is closed; writes fail while `files.fails` is set."""

    def __init__(self, folder: Path) -> None:
        self.files = type("Files", (_Files,), {"root": folder})
        self._key = paramiko.RSAKey.generate(2048)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._transports: list[paramiko.Transport] = []
        self.uri = f"sftp://user:{PASSWORD}@127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            # Its small answers need not wait for one another.
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transport = paramiko.Transport(peer)
            transport.add_server_key(self._key)
            transport.set_subsystem_handler(
                "sftp", paramiko.SFTPServer, sftp_si=self.files
            )
            self._transports.append(transport)
            transport.start_server(server=_Login())

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()
        for each in self._transports:
            each.close()
