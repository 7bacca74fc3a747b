"""Files on this machine: builtin open, and nothing but."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import FileDescriptorOrPath


def open_file(
    path: FileDescriptorOrPath,
    mode: str,
    buffering: int,
    encoding: str | None,
    errors: str | None,
    newline: str | None,
    closefd: bool,
    opener: Callable[[str, int], int] | None,
) -> IO[Any]:
    """Return what builtin ``open`` returns for a path, a name or a descriptor."""
    return io.open(path, mode, buffering, encoding, errors, newline, closefd, opener)
