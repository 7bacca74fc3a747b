"""Names as text: join them, take them apart. No I/O, and nothing is normalised.

On this machine a name is a path and `os.path` knows best. On S3 it is a bucket and a
key, and keys are not paths: ``a//b``, ``./x`` and ``..`` are keys like any other, so
what comes out is, byte for byte, of what came in.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from s3open import location

if TYPE_CHECKING:
    from typing import TypeAlias


class HasURI(Protocol):
    """What has a URI but is no path of this machine, such as an `S3Path`."""

    def __uri__(self) -> str: ...


if TYPE_CHECKING:
    Name: TypeAlias = str | bytes | os.PathLike[Any] | HasURI


class ParseResult(NamedTuple):
    """A name, taken apart.

    *scheme* is ``s3`` (also for ``s3a`` and ``s3n``), ``file`` (also for a plain path),
    or another one, in lower case. *path* is what follows the bucket on S3, with its
    slash, if it has one; the path on this machine; else what follows the scheme.
    """

    scheme: str
    bucket: str
    key: str
    path: str


def spelled(name: object) -> str | bytes | None:
    """Return *name* as text or bytes, None for what is no name (a descriptor)."""
    if isinstance(name, (str, bytes)):
        return name
    uri = getattr(type(name), "__uri__", None)
    if uri is not None:
        return cast("str", uri(name))
    if isinstance(name, os.PathLike):
        return cast("str | bytes", os.fspath(name))
    return None


def text(name: object) -> str:
    """Return *name* as text: a str, bytes, PathLike, or what has a ``__uri__()``.

    Raises TypeError for anything else.
    """
    found = spelled(name)
    if found is None:
        raise TypeError(
            f"expected str, bytes, os.PathLike or S3Path, not {type(name).__name__}"
        )
    return os.fsdecode(found)


def parse(name: Name) -> ParseResult:
    """Take *name* apart; see `ParseResult`.

    Raises ValueError for a malformed S3 or ``file`` URI, and OSError ENAMETOOLONG for a
    key that S3 would not take. Names of other schemes are not looked into.
    """
    spelling = text(name)
    scheme = location.scheme(spelling)
    found = location.parse(spelling)
    if found is not None:
        path = spelling[len(_root(spelling, found.key)) :]
        return ParseResult("s3", found.bucket, found.key, path)
    if scheme in (None, "file"):
        return ParseResult("file", "", "", location.local_path(spelling))
    assert scheme is not None
    return ParseResult(scheme, "", "", spelling.partition("://")[2])


def islocal(name: Name) -> bool:
    """Whether *name* is of this machine: a path or a ``file://`` URI."""
    return parse(name).scheme == "file"


def isremote(name: Name) -> bool:
    """Whether *name* is of S3."""
    return parse(name).scheme == "s3"


def bucket(name: Name) -> str:
    """Return the bucket of a name of S3; of others there is none, so ""."""
    return parse(name).bucket


def key(name: Name) -> str:
    """Return the key of a name of S3, all of it; of others there is none, so ""."""
    return parse(name).key


def join(base: Name, *parts: Name) -> str:
    """Return the name of *parts* below *base*, as `os.path.join` does.

    *base* need not end with a slash; a part that begins with one replaces the key, but
    keeps the bucket; an empty last part makes the name end with a slash. ``..`` in a
    part is resolved nowhere: on S3 it is just two letters of the key. Of a ``file://``
    URI comes a path. Raises ValueError for a part that is a URI itself.
    """
    spelling = text(base)
    additions = [text(part) for part in parts]
    for addition in additions:
        scheme = location.scheme(addition)
        if scheme is not None:
            # Without the rest of it: there may be a password in it.
            raise ValueError(f"a URI cannot be joined to a name: {scheme}://...")
    found = location.parse(spelling)
    if found is None:
        return os.path.join(location.local_path(spelling), *additions)
    root = _root(spelling, found.key)
    for addition in additions:
        if addition.startswith("/"):
            spelling = root + addition
        else:
            spelling += ("" if spelling.endswith("/") else "/") + addition
    return spelling


def child(base: Name, name: str) -> str:
    """Return the name of what a listing of the directory *base* calls *name*.

    Other than with `join`, *name* is no more than text, whatever it begins with.
    """
    spelling = text(base)
    if location.parse(spelling) is None:
        spelling = location.local_path(spelling)
    return spelling + ("" if spelling.endswith("/") else "/") + name


def basename(name: Name) -> str:
    """Return what follows the last slash of the path, or of the key."""
    found = parse(name)
    if found.scheme == "file":
        return os.path.basename(found.path)
    return _key_of(found).rpartition("/")[2]


def dirname(name: Name) -> str:
    """Return the name of the directory that *name* is in, without a slash at its end.

    There is one at the end where the directory itself has no name, as that of
    ``a//b`` in ``a//``; so joined to its `basename` it is *name* again, unless that
    ends with two slashes. A bucket is in itself. Of a ``file://`` URI comes a path.
    """
    found = parse(name)
    if found.scheme == "file":
        return os.path.dirname(found.path)
    head, slash, tail = _key_of(found).rpartition("/")
    root = _root(text(name), found.key)
    if not slash:
        return root
    if tail and (not head or head.endswith("/")):
        head += "/"
    return f"{root}/{head}"


def _root(spelling: str, key: str) -> str:
    """Return the bucket's part of a name of S3, without a slash at its end."""
    return spelling[: len(spelling) - len(key)].removesuffix("/")


def _key_of(found: ParseResult) -> str:
    if found.scheme != "s3":
        raise ValueError(f"cannot take {found.scheme}:// names apart")
    return found.key
