"""fsspec's file system on s3open: ``s3open://bucket/key`` for all that knows fsspec.

pandas, PyArrow, Dask, xarray, zarr and the like open files by such names. What they are
given are s3open's own files.
"""

from __future__ import annotations

import io
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

from s3open.integrations.fs.attributes import Attributes
from s3open.integrations.fs.pending import Coded, postpone
from s3open.integrations.storage_options import part_size

if TYPE_CHECKING:
    from datetime import datetime, timedelta

__all__ = ["S3OpenFileSystem"]

_METHODS = {
    "get_object": "GET",
    "head_object": "HEAD",
    "put_object": "PUT",
    "delete_object": "DELETE",
}


class S3OpenFileSystem(Attributes):
    """S3 for fsspec. Registered as ``s3open``; instances are cached by fsspec.

    Names are ``bucket/key``, or ``s3open://bucket/key``; ``s3://`` and ``s3a://`` are
    read, too. What is written is published by ``close()``, all of it or nothing: an
    exception that leaves ``with`` publishes nothing. Within ``with fs.transaction``
    files are published at its end, one after the other, or not at all.

    Listings are not cached: what is told is always so. Pickles as all of fsspec's do,
    with its arguments, secrets among them; not with a session. Thread-safe.

    Args:
        storage_options: those of s3fs, with their meaning there; see
            `s3open.integrations.storage_options.read`. TypeError for others.
    """

    def open(
        self,
        path: Any,
        mode: str = "rb",
        block_size: int | None = None,
        cache_options: Any = None,
        compression: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """Open a file; see `s3open.open`, whose file it is.

        Args:
            path: its name.
            mode: as builtin, but it is ``rb`` if not said.
            block_size: bytes of an upload's parts, 5 MiB at least.
            cache_options: of no effect, as all of fsspec's own read caches.
            compression: one of fsspec's codecs, or "infer" for what the name says.
            kwargs: ``encoding``, ``errors`` and ``newline`` of text; options of
                `s3open.open`; boto3's names for what is written; ``version_id``;
                ``autocommit=False``: publish by the file's ``commit()`` only.
        """
        name = self._strip_protocol(path)
        letters = mode.replace("t", "").replace("b", "") + "b"
        if compression is not None:
            words = ("encoding", "errors", "newline")
            text = {each: kwargs.pop(each) for each in words if each in kwargs}
            file = self._coded(name, letters, block_size, compression, kwargs)
            return file if "b" in mode else io.TextIOWrapper(file, **text)
        autocommit = kwargs.pop("autocommit", not self._intrans)
        found = self._open(name, mode, block_size, autocommit, **kwargs)
        if self._intrans and not autocommit and letters != "rb":
            self.transaction.files.append(found)
        return found

    def _open(
        self,
        path: Any,
        mode: str = "rb",
        block_size: int | None = None,
        autocommit: bool = True,
        cache_options: Any = None,
        **kwargs: Any,
    ) -> IO[Any]:
        given = self._given(kwargs)
        uri, version_id = self._at(path, given.pop("version_id", None))
        if version_id is not None:
            given["version_id"] = version_id
        config = self._files.config
        if "requester_pays" in given:
            config = replace(config, requester_pays=bool(given.pop("requester_pays")))
        if block_size is not None:
            config = replace(config, part_size=part_size(block_size))
        opened: Any = self._files.open
        file: IO[Any] = opened.func(uri, mode, config=config, **given)
        if "r" not in mode or "+" in mode:
            if not autocommit:
                postpone(file)
        elif "b" in mode:
            # fsspec's own files know it.
            file.size = file.raw.size  # type: ignore[attr-defined]  # likewise
        return file

    def _coded(
        self,
        name: str,
        mode: str,
        block_size: int | None,
        compression: str,
        kwargs: dict[str, Any],
    ) -> Any:
        """Return a file below a codec of fsspec's."""
        from fsspec.compression import compr
        from fsspec.core import get_compression

        codec = compr[get_compression(name, compression)]
        file = self.open(name, mode, block_size, **kwargs)
        if codec is None:
            return file
        try:
            return Coded(codec(file, mode=mode[0]), file)
        except BaseException:
            with file:
                raise

    def mkdir(self, path: Any, create_parents: bool = True, **kwargs: Any) -> None:
        """Make a bucket; of a directory in one the bucket, if need be: see `makedirs`.

        FileExistsError if there is such a bucket. Directories are nothing on S3: they
        are there as long as there is something in them. *kwargs*: ``acl``, and
        ``region_name``.
        """
        at = self._place(path)
        bucket = self._files.bucket(at.bucket)
        if at.key:
            if bucket.exists():
                return
            if not create_parents:
                bucket.location()
        region = kwargs.get("region_name") or self._files.config.region
        bucket.create(region, acl=kwargs.get("acl") or None)

    def makedirs(self, path: Any, exist_ok: bool = False) -> None:
        """Make the bucket of *path*, if there is none; below it there is nothing to do.

        FileExistsError for a bucket that is there, unless *exist_ok*.
        """
        try:
            self.mkdir(path, create_parents=True)
        except FileExistsError:
            if not exist_ok:
                raise

    def rmdir(self, path: Any) -> None:
        """Remove an empty bucket, or the marker of an empty directory.

        FileExistsError for a directory with something in it, OSError ENOTEMPTY for such
        a bucket, FileNotFoundError if there is none.
        """
        at = self._place(path)
        if not at.key:
            self._files.bucket(at.bucket).delete()
            return
        page = self._files.list_page(at.uri + "/", max_keys=2)
        marked = [each.name for each in page.entries] == [at.key + "/"]
        if page.entries and not marked:
            raise FileExistsError(17, "Directory not empty", at.uri)
        self._files.rm(at.uri + "/", recursive=True, glob=False, progress=False)

    def sign(
        self,
        path: Any,
        expiration: float | timedelta | datetime = 100,
        **kwargs: Any,
    ) -> str:
        """Return a URL that anybody can read the file with, for so many seconds.

        *kwargs* are those of `s3open.presign`.
        """
        uri, version_id = self._at(path)
        return self._files.presign(
            uri, expires=expiration, version_id=version_id, **kwargs
        )

    def url(
        self,
        path: Any,
        expires: float | timedelta | datetime = 3600,
        client_method: str = "get_object",
        **kwargs: Any,
    ) -> str:
        """Return a URL for one thing that boto3 calls *client_method*."""
        return self.sign(path, expires, method=_METHODS[client_method], **kwargs)

    def invalidate_cache(self, path: Any = None) -> None:
        """Do nothing: there is no cache of listings."""
        super().invalidate_cache(path)

    @property
    def fsid(self) -> str:
        """What tells this store from others: its address."""
        return f"s3open:{self._files.config.endpoint_url or 'aws'}"
