"""s3open in the place of smart_open and s3fs, for code that cannot be changed."""

from __future__ import annotations

import functools
import inspect
import re
import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from s3open import location as locations
from s3open import opening
from s3open.naming import spelled

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

__all__ = ["Patch", "patch"]

# smart_open's words for ours; others are the extensions that both know.
_CODECS = {"infer_from_extension": "infer", "disable": None}
_PROTOCOLS = ("s3", "s3a")
_VERSION = re.compile(r"([?&])versionId=([^&]*)(.*)", re.DOTALL)
_ABSENT = object()

# How many patches of each are in force, and what takes the first one back.
_counts: dict[str, int] = {}
_undoing: dict[str, list[Callable[[], None]]] = {}
_lock = threading.RLock()


class Patch:
    """What `patch` has replaced, until it ends."""

    def __init__(self, libraries: tuple[str, ...]) -> None:
        for library in libraries:
            if library not in _DOING:
                raise ValueError(f"cannot patch {library!r}, but {', '.join(_DOING)}")
        chosen = libraries or tuple(name for name in _DOING if find_spec(name))
        self._patched: list[str] = []
        with _lock:
            try:
                for library in dict.fromkeys(chosen):
                    _begin(library)
                    self._patched.append(library)
            except BaseException:
                self.undo()
                raise

    def undo(self) -> None:
        """End this patch; what it has replaced is back if no other one is in force."""
        with _lock:
            while self._patched:
                _end(self._patched.pop())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.undo()


def patch(*libraries: str) -> Patch:
    """Replace smart_open's ``open``, and fsspec's ``s3`` and ``s3a``, by s3open's.

    It is in force for the whole process, all its threads, from the call on; with a
    ``with`` block until the block ends, else for good, or until its ``undo()``. Patches
    nest, and may end in any order: when the last one has ended, all is as it was.

    ``"smart_open"``: ``smart_open.open`` of a name on S3 (``s3``, ``s3a``, ``s3n``) is
    `s3open.open`, with smart_open's arguments and its defaults: text, and compression
    by the name's extension. Everything else stays smart_open's. A program that has
    said ``from smart_open import open`` before has the old one: patch first.

    ``"fsspec"``: URLs of ``s3://`` and ``s3a://`` are opened by
    `s3open.integrations.fsspec.S3OpenFileSystem`, so in pandas, Dask and whatever
    else asks fsspec. File systems that were made before stay what they are.

    Args:
        libraries: of ``"smart_open"`` and ``"fsspec"``; none means those of them that
            are installed.

    Raises:
        ValueError: for another library.
        ModuleNotFoundError: if one that was named is not installed.
    """
    return Patch(libraries)


def _begin(library: str) -> None:
    if not _counts.get(library):
        _undoing[library] = _DOING[library]()
    _counts[library] = _counts.get(library, 0) + 1


def _end(library: str) -> None:
    _counts[library] -= 1
    if not _counts[library]:
        for undo in reversed(_undoing.pop(library)):
            undo()


def _patch_smart_open() -> list[Callable[[], None]]:
    import smart_open
    from smart_open import smart_open_lib

    ours = _opener(smart_open.open)
    # The second is what `smart_open.smart_open_lib.patch_pathlib` takes.
    return [_replace(vars(home), "open", ours) for home in (smart_open, smart_open_lib)]


def _opener(theirs: Callable[..., Any]) -> Callable[..., Any]:
    """Return smart_open's ``open``, with ours where a name is on S3."""
    signature = inspect.signature(theirs)

    @functools.wraps(theirs)
    def opened(uri: Any, mode: Any = "r", *others: Any, **given: Any) -> Any:
        # Who has kept it beyond the patch has smart_open again.
        if not (_counts.get("smart_open") and _is_on_s3(uri)):
            return theirs(uri, mode, *others, **given)
        return _open(uri, **signature.bind(uri, mode, *others, **given).arguments)

    return opened


def _open(name: Any, mode: Any, encoding: Any = None, **given: Any) -> Any:
    """Open *name* on S3 with *given*, arguments of smart_open's ``open``."""
    # These are of no effect there, either.
    for unused in ("uri", "closefd", "opener"):
        given.pop(unused, None)
    name, version = _split(spelled(name))
    if version is not None:
        params = given.get("transport_params") or {}
        given["transport_params"] = {"version_id": version, **params}
    if encoding is not None and isinstance(mode, str):
        # As smart_open has it: who names an encoding wants text.
        mode = mode.replace("b", "")
    compression = given.pop("compression", "infer_from_extension")
    compression = _CODECS.get(compression, compression)
    if compression is None:
        given.pop("compression_kwargs", None)
    return opening.open(name, mode, encoding=encoding, compression=compression, **given)


def _split(name: Any) -> tuple[str, str | None]:
    """Return *name*, and the version that smart_open finds in it, if any."""
    match = _VERSION.search(name)
    if match is None:
        return name, None
    sign, version, rest = match.groups()
    rest = sign + rest[1:] if rest else ""
    return name[: match.start()] + rest, version


def _is_on_s3(uri: Any) -> bool:
    name = spelled(uri)
    if not isinstance(name, str):
        return False
    return locations.scheme(name) in ("s3", "s3a", "s3n")


def _patch_fsspec() -> list[Callable[[], None]]:
    from fsspec.registry import _registry

    from s3open.integrations.fsspec import S3OpenFileSystem

    # As fsspec's own function would, which cannot take it back.
    return [_replace(_registry, name, S3OpenFileSystem) for name in _PROTOCOLS]


def _replace(home: dict[str, Any], name: str, value: Any) -> Callable[[], None]:
    """Have *home* hold *value*; return what puts back what was there.

    What somebody else has put there meanwhile is left to them.
    """
    before = home.get(name, _ABSENT)
    home[name] = value

    def undo() -> None:
        if home.get(name, _ABSENT) is not value:
            return
        if before is _ABSENT:
            del home[name]
        else:
            home[name] = before

    return undo


_DOING = {"smart_open": _patch_smart_open, "fsspec": _patch_fsspec}
