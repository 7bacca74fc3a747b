"""Codecs by the extension of a file: smart_open's registry of them.

So those are known, too, that a program has registered there.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Of what a program would have to install.
_PACKAGES = {".lz4": "lz4", ".zst": "backports.zstd"}


def codec(
    extension: str, *, writing: bool, given: Mapping[str, Any], inferred: bool
) -> Callable[[Any], Any] | None:
    """Return what makes a codec over a file; None if *inferred* and there is none.

    *given* are the codec's own arguments, such as ``compresslevel``.

    Raises ValueError for an unknown one, ModuleNotFoundError, which says what to
    install, for one that is not there.
    """
    from smart_open import compression

    if extension not in compression.get_supported_extensions():
        if inferred:
            return None
        known = ", ".join(
            each.removeprefix(".") for each in compression.get_supported_extensions()
        )
        name = extension.removeprefix(".")
        raise ValueError(f"unknown compression {name!r}: it is one of {known}")
    return partial(_begun, extension, "wb" if writing else "rb", dict(given))


def _begun(extension: str, mode: str, given: dict[str, Any], file: Any) -> Any:
    from smart_open.compression import compression_wrapper

    try:
        return compression_wrapper(
            file, mode, compression=extension, compression_kwargs=given
        )
    except ModuleNotFoundError as error:
        package = _PACKAGES.get(extension, error.name)
        raise ModuleNotFoundError(
            f"for {extension} files install {package}", name=error.name
        ) from error
