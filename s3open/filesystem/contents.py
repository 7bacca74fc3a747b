"""Whole contents, and the beginnings and ends of them."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

from s3open import naming
from s3open.filesystem.base import place
from s3open.filesystem.transferring import Transferring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.files import Info
    from s3open.naming import Name

_CHUNK = 1 << 20


class Contents(Transferring):
    """Bytes and text, read and written at once.

    One request for each file up to `Config.part_size` (of reading up to 1 MiB), ranges
    or parts side by side above. *options* are those of `open`, of reading or of
    writing. What is written to this machine replaces what was there when it is
    complete, and directories are made for it.
    """

    def cat(self, *uris: Name, **options: Any) -> Iterator[bytes]:
        """Yield the bytes of all *uris*, one after the other, in pieces up to 1 MiB."""
        for uri in uris:
            with self.open(naming.text(uri), "rb", **options) as file:
                while data := file.read(_CHUNK):
                    yield data

    def read_bytes(self, uri: Name, **options: Any) -> bytes:
        """Return all bytes of the file at *uri*."""
        with self.open(uri, "rb", **options) as file:
            found: bytes = file.read()
        return found

    def read_text(
        self,
        uri: Name,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        **options: Any,
    ) -> str:
        """Return all text of the file at *uri*; the rest is as for `open`."""
        encoding = io.text_encoding(encoding)
        with self.open(uri, "r", -1, encoding, errors, newline, **options) as file:
            found: str = file.read()
        return found

    def write_bytes(
        self,
        uri: Name,
        data: bytes | bytearray | memoryview,
        *,
        overwrite: bool = True,
        **options: Any,
    ) -> Info:
        """Have *data* be all of the file at *uri*; return what is known of it then.

        With ``overwrite=False`` FileExistsError if there is one, which the store itself
        decides.
        """
        at = place(uri)
        if isinstance(at, str) and not at.endswith("/"):
            os.makedirs(os.path.dirname(at) or ".", exist_ok=True)
        return self.upload(io.BytesIO(data), uri, overwrite=overwrite, **options)

    def write_text(
        self,
        uri: Name,
        text: str,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        *,
        overwrite: bool = True,
        **options: Any,
    ) -> Info:
        """Have *text* be all of the file at *uri*, as `write_bytes` does.

        *encoding*, *errors* and *newline* are as for `open`.
        """
        if not isinstance(text, str):
            raise TypeError(f"text has to be a str, not {type(text).__name__}")
        data = io.BytesIO()
        encoding = io.text_encoding(encoding)
        with io.TextIOWrapper(data, encoding, errors, newline) as encoder:
            encoder.write(text)
            encoder.flush()
            encoded = data.getvalue()
        return self.write_bytes(uri, encoded, overwrite=overwrite, **options)

    def head(self, uri: Name, size: int = 1024, **options: Any) -> bytes:
        """Return the first *size* bytes of the file at *uri*, or as many as it has."""
        _check_size(size)
        if not isinstance(place(uri), str):
            options["byte_range"] = (0, size)
        with self.open(uri, "rb", **options) as file:
            found: bytes = file.read(size)
        return found

    def tail(self, uri: Name, size: int = 1024, **options: Any) -> bytes:
        """Return the last *size* bytes of the file at *uri*, or as many as it has.

        One request, up to `Config.part_size`; two above.
        """
        _check_size(size)
        at = place(uri)
        if isinstance(at, str):
            with io.open(at, "rb") as file:
                file.seek(-min(size, file.seek(0, io.SEEK_END)), io.SEEK_END)
                return file.read()
        from s3open.stores import ends

        if size > self._config.part_size:
            with self.open(at.uri, "rb", **options) as large:
                large.seek(-min(size, large.seek(0, io.SEEK_END)), io.SEEK_END)
                found: bytes = large.read()
            return found
        return ends.last(self._config, at, size, options)

    def touch(self, uri: Name, *, exist_ok: bool = True, **options: Any) -> None:
        """Have there be a file at *uri*, an empty one if there is none. One request.

        What is there is left as it is, on S3 the time, too, for that is the version's;
        on this machine the file has the present time. With ``exist_ok=False``
        FileExistsError if there is a file.
        """
        at = place(uri)
        try:
            self.write_bytes(uri, b"", overwrite=False, **options)
        except FileExistsError:
            if not exist_ok or (isinstance(at, str) and not os.path.lexists(at)):
                raise
            if isinstance(at, str):
                os.utime(at)


def _check_size(size: int) -> None:
    if size < 0:
        raise ValueError(f"size has to be 0 at least, not {size}")
