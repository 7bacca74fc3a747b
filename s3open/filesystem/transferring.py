"""`open`, and whole files there and back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from s3open.filesystem.base import Configured
from s3open.opening import open as _open

if TYPE_CHECKING:
    from typing import IO

    from s3open.files import Info
    from s3open.files.signature import Open
    from s3open.naming import Name


class Transferring(Configured):
    """Files that are open, and whole files there and back."""

    @property
    def open(self) -> Open:
        """Open a file; see `s3open.open`."""
        return cast("Open", partial(_open, config=self.config))

    def upload(
        self,
        file: Name | IO[bytes],
        uri: Name,
        start: int = 0,
        end: int | None = None,
        **options: Any,
    ) -> Info:
        """Publish a file, or a window of it; see `s3open.upload`."""
        from s3open import transfers

        overwrite = options.pop("overwrite", True)
        return transfers.upload(
            file, uri, (start, end), self._config, options, overwrite=overwrite
        )

    def download(
        self,
        uri: Name,
        file: Name | IO[bytes],
        byte_range: tuple[int, int | None] | range | None = None,
        **options: Any,
    ) -> Info:
        """Have a file be what is at *uri*; see `s3open.download`."""
        from s3open import transfers

        overwrite = options.pop("overwrite", True)
        if byte_range is not None:
            options["byte_range"] = byte_range
        return transfers.download(uri, file, self._config, options, overwrite=overwrite)
