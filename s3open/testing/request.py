"""Requests and answers, between the socket and the operations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from s3open.testing.checksums import Digests
from s3open.testing.content import Content
from s3open.testing.errors import RefusalError

if TYPE_CHECKING:
    from collections.abc import Iterable

# What a store that has never heard of checksums does not see.
_CHECKSUM_HEADERS: Final = ("x-amz-checksum-", "x-amz-sdk-checksum-", "x-amz-trailer")


@dataclass
class Body:
    """A body received: what was sent, decoded, with its sums."""

    content: Content = field(default_factory=Content)
    digests: Digests = field(default_factory=lambda: Digests(()))
    trailers: dict[str, str] = field(default_factory=dict)


@dataclass
class Request:
    """One request. *path* and *pairs* are as sent, for the signature to be checked.

    *bucket*, *key* and *operation* are filled in by routing, *owner*, whose request it
    is ("" for nobody's), by who has verified it, *ignored* by faults.
    """

    method: str
    path: str
    pairs: list[tuple[str, str]]
    headers: dict[str, str]
    version: str = "HTTP/1.1"
    bucket: str = ""
    key: str = ""
    operation: str = ""
    owner: str = ""
    body: Body = field(default_factory=Body)
    ignored: frozenset[str] = frozenset()
    query: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.query = dict(self.pairs)

    @property
    def keep_alive(self) -> bool:
        asked = self.headers.get("connection", "").lower()
        return "close" not in asked and self.version == "HTTP/1.1"

    @property
    def presigned(self) -> bool:
        return "X-Amz-Signature" in self.query or "X-Amz-Algorithm" in self.query

    def number(self, name: str, default: int) -> int:
        """Return a whole number of the query; refused as InvalidArgument."""
        text = self.query.get(name, "")
        if not text:
            return default
        if not (text.isascii() and text.isdigit()):
            raise RefusalError(
                "InvalidArgument",
                f"Provided {name} not an integer or within integer range",
                elements={"ArgumentName": name, "ArgumentValue": text},
            )
        return int(text)

    def forget(self, names: Iterable[str]) -> None:
        """Drop what a weaker store would not understand.

        Names are those of headers or query parameters; ``checksum`` stands for all
        that has to do with checksums. Called once the signature has been verified.
        """
        ignored = self.ignored = frozenset(name.lower() for name in names)
        if not ignored:
            return
        without = _CHECKSUM_HEADERS if "checksum" in ignored else ()
        self.headers = {
            name: value
            for name, value in self.headers.items()
            if name not in ignored and not name.startswith(without)
        }
        self.query = {
            name: value
            for name, value in self.query.items()
            if name.lower() not in ignored
        }


@dataclass
class Answer:
    """What goes back; the length and the identity headers are added on the way."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Content = b""

    @classmethod
    def of_document(cls, body: bytes, **headers: str) -> Answer:
        return cls(200, {"Content-Type": "application/xml", **headers}, body)

    @property
    def size(self) -> int:
        return len(self.body) if isinstance(self.body, bytes) else self.body.size


def parse(head: bytes) -> Request:
    """Return the request that begins with *head*, its body not yet read."""
    first, *lines = head.decode("latin-1").split("\r\n")
    try:
        method, target, version = first.split(" ")
    except ValueError:
        raise RefusalError("BadRequest") from None
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or name != name.strip():
            raise RefusalError("BadRequest")
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    if target.startswith("http://"):
        target = "/" + target[len("http://") :].partition("/")[2]
    path, _, query = target.partition("?")
    return Request(method, path, _pairs(query), headers, version)


def _pairs(query: str) -> list[tuple[str, str]]:
    pairs = []
    for item in query.split("&") if query else ():
        name, _, value = item.partition("=")
        pairs.append((_text(name), _text(value.replace("+", " "))))
    return pairs


def _text(quoted: str) -> str:
    return decoded(quoted) if "%" in quoted or not quoted.isascii() else quoted


def decoded(quoted: str) -> str:
    """Return percent-encoded text as sent; refused when it is not UTF-8."""
    try:
        return unquote_to_bytes(quoted.encode("latin-1")).decode("utf-8")
    except UnicodeDecodeError:
        raise RefusalError("InvalidURI") from None
