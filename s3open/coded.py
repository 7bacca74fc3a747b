"""A class for each of S3's error codes, such as `NoSuchKey`; made when first needed.

Each is the kind of error, and so the builtin, that the table in `codes` has for it.
Type checkers read ``coded.pyi``, which is written by ``python -m s3open.coded``.
"""

from __future__ import annotations

from s3open import codes, errors


def __getattr__(name: str) -> type[errors.S3Error]:
    code = codes.CODES.get(name)
    if code is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    status = codes.STATUS[code]
    kind = codes.meaning(code, status).kind
    members = {
        "__doc__": f"S3 answered {code}, HTTP status {status}.",
        "__module__": "s3open.coded",
        "errno_default": codes.number(code),
        "code": code,
        "status": status,
    }
    # Of two threads that make it, both get the first one's.
    made: type[errors.S3Error] = globals().setdefault(
        name, type(name, (kind,), members)
    )
    return made


def __dir__() -> list[str]:
    return sorted(codes.CODES)


def _stub() -> str:
    """Return what type checkers are to know of this module."""
    names = sorted(codes.CODES)
    kinds = {
        name: codes.meaning(codes.CODES[name], codes.STATUS[codes.CODES[name]]).kind
        for name in names
    }
    used = sorted({kind.__name__ for kind in kinds.values()})
    imports = "".join(f"    {kind},\n" for kind in used)
    classes = "".join(
        f"class {name}({kind.__name__}): ...\n" for name, kind in kinds.items()
    )
    return f"from s3open.errors import (\n{imports})\n\n{classes}"


if __name__ == "__main__":  # pragma: no cover  # what it prints is tested
    print(_stub(), end="")
