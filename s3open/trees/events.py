"""What happened to one of many files, as the caller is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from typing import TypeAlias

    Action: TypeAlias = Literal["copy", "move", "remove", "skip", "fail"]


@dataclass(frozen=True, slots=True)
class Event:
    """One file was copied, moved, removed or left alone, or that failed.

    *source* and *target* are names as the caller would write them: a removal has no
    *target*. *size* is in bytes, None if it is not known. *error* says why it failed.
    """

    action: Action
    source: str
    target: str | None = None
    size: int | None = None
    error: BaseException | None = None
