"""Files that are only read, in a pickle: where they come from, not what they hold.

What comes out of it reads on from the same position, in the same version of the object;
ObjectChangedError says that there is another one by then. It costs no request before
something is read. What is written is one process's to publish.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import io
    from collections.abc import Callable
    from typing import TypeAlias

    # A function, its arguments, and where in the raw file that it returns to go on.
    Reduced: TypeAlias = tuple[Any, tuple[Any, ...]]
    Recipe: TypeAlias = Callable[[], Reduced]


def check(recipe: Recipe | None, file: io.IOBase) -> None:
    """Raise TypeError if there is no *recipe*, for *file* is more than read."""
    if recipe is None:
        kind = type(file).__name__.lstrip("_")
        raise TypeError(f"cannot pickle {kind!r} object: it is open for writing")


def reduced(recipe: Recipe | None, raw: io.RawIOBase) -> Reduced:
    """Return what pickle is to know of *raw*; see `check`."""
    check(recipe, raw)
    assert recipe is not None
    return _reopened, (*recipe(), raw.tell())


def _reopened(
    function: Callable[..., io.RawIOBase], arguments: tuple[Any, ...], position: int
) -> io.RawIOBase:
    raw = function(*arguments)
    raw.seek(position)
    return raw
