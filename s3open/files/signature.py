"""The type of `open`: what is returned for which mode. For type checkers only."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, BinaryIO, Literal, Protocol, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from io import (
        BufferedRandom,
        BufferedReader,
        BufferedWriter,
        RawIOBase,
        TextIOWrapper,
    )

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

    Opener = Callable[[str, int], int] | None

    class Options(TypedDict, total=False):
        """The keyword-only options."""

        content_type: str | None
        metadata: Mapping[str, str] | None
        config: Config | None


class Open(Protocol):
    """Builtin ``open`` and its overloads, with options."""

    @overload
    def __call__(
        self,
        file: FileDescriptorOrPath,
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
        file: FileDescriptorOrPath,
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
        file: FileDescriptorOrPath,
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
        file: FileDescriptorOrPath,
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
        file: FileDescriptorOrPath,
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
        file: FileDescriptorOrPath,
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
        file: FileDescriptorOrPath,
        mode: str,
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Opener = None,
        **options: Unpack[Options],
    ) -> IO[Any]: ...
