"""The type of `open`: what is returned for which mode. For type checkers only."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, BinaryIO, Literal, Protocol, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from io import (
        BufferedRandom,
        BufferedReader,
        BufferedWriter,
        RawIOBase,
        TextIOWrapper,
    )
    from os import PathLike

    from _typeshed import (
        FileDescriptorOrPath,
        OpenBinaryMode,
        OpenBinaryModeReading,
        OpenBinaryModeUpdating,
        OpenBinaryModeWriting,
        OpenTextMode,
    )
    from typing_extensions import TypedDict, Unpack

    from s3open.config import Config
    from s3open.naming import HasURI

    Opener = Callable[[str, int], int] | None

    class Options(TypedDict, total=False):
        """The keyword-only options."""

        config: Config | None
        transport_params: Mapping[str, Any] | None
        compression: str | None
        compression_kwargs: Mapping[str, Any] | None
        storage_options: Mapping[str, Any] | None
        # Writing.
        content_type: str | None
        content_encoding: str | None
        content_language: str | None
        content_disposition: str | None
        cache_control: str | None
        expires: datetime | None
        metadata: Mapping[str, str] | None
        tags: Mapping[str, str] | None
        keep_tags: Literal["warn", "require", "drop"]
        storage_class: str | None
        acl: str | None
        grants: Mapping[str, str] | None
        sse: str | None
        sse_kms_key_id: str | None
        sse_customer_key: bytes | None
        bucket_key_enabled: bool | None
        website_redirect: str | None
        object_lock_mode: Literal["GOVERNANCE", "COMPLIANCE"] | None
        object_lock_retain_until: datetime | None
        object_lock_legal_hold: bool | None
        extra_args: Mapping[str, Any] | None
        on_error: Literal["discard", "publish"]
        on_unclosed: Literal["keep", "publish"]
        streaming: bool
        verify: Literal["auto", "always", "off"] | None
        # Reading.
        cache_dir: str | PathLike[str] | None
        version_id: str | None
        at: datetime | None
        byte_range: tuple[int, int | None] | range | None
        if_match: str | None
        if_none_match: str | None
        if_modified_since: datetime | None
        if_unmodified_since: datetime | None


class Open(Protocol):
    """Builtin ``open`` and its overloads, with options."""

    @overload
    def __call__(
        self,
        file: FileDescriptorOrPath | HasURI,
        mode: OpenTextMode = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Opener = None,
        **options: Unpack[Options],
    ) -> TextIOWrapper: ...

    @overload
    def __call__(  # type: ignore[overload-overlap]  # as typeshed's, str is last
        self,
        file: FileDescriptorOrPath | HasURI,
        mode: OpenBinaryMode,
        buffering: Literal[0],
        encoding: None = None,
        errors: None = None,
        newline: None = None,
        closefd: bool = True,
        opener: Opener = None,
        **options: Unpack[Options],
    ) -> RawIOBase: ...

    @overload
    def __call__(
        self,
        file: FileDescriptorOrPath | HasURI,
        mode: OpenBinaryModeUpdating,
        buffering: Literal[-1, 1] = -1,
        encoding: None = None,
        errors: None = None,
        newline: None = None,
        closefd: bool = True,
        opener: Opener = None,
        **options: Unpack[Options],
    ) -> BufferedRandom: ...

    @overload
    def __call__(
        self,
        file: FileDescriptorOrPath | HasURI,
        mode: OpenBinaryModeWriting,
        buffering: Literal[-1, 1] = -1,
        encoding: None = None,
        errors: None = None,
        newline: None = None,
        closefd: bool = True,
        opener: Opener = None,
        **options: Unpack[Options],
    ) -> BufferedWriter: ...

    @overload
    def __call__(
        self,
        file: FileDescriptorOrPath | HasURI,
        mode: OpenBinaryModeReading,
        buffering: Literal[-1, 1] = -1,
        encoding: None = None,
        errors: None = None,
        newline: None = None,
        closefd: bool = True,
        opener: Opener = None,
        **options: Unpack[Options],
    ) -> BufferedReader: ...

    @overload
    def __call__(
        self,
        file: FileDescriptorOrPath | HasURI,
        mode: OpenBinaryMode,
        buffering: int = -1,
        encoding: None = None,
        errors: None = None,
        newline: None = None,
        closefd: bool = True,
        opener: Opener = None,
        **options: Unpack[Options],
    ) -> BinaryIO: ...

    @overload
    def __call__(
        self,
        file: FileDescriptorOrPath | HasURI,
        mode: str,
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Opener = None,
        **options: Unpack[Options],
    ) -> IO[Any]: ...
