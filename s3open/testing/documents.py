"""XML documents as S3 writes and reads them."""

from __future__ import annotations

import re
import time
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

from s3open.testing.errors import RefusalError

if TYPE_CHECKING:
    from collections.abc import Iterable

NAMESPACE: Final = "http://s3.amazonaws.com/doc/2006-03-01/"

# Control characters leave as references, as S3 sends them, although XML 1.0 has no
# way to say most of them: that is why clients ask for encoding-type=url.
_SPECIAL: Final = re.compile(r"[&<>\"\x00-\x08\x0b-\x1f]")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def escape(text: str) -> str:
    """Return *text* as the content of an element."""
    return _SPECIAL.sub(_entity, text)


def _entity(match: re.Match[str]) -> str:
    character = match.group()
    return _ENTITIES.get(character) or f"&#x{ord(character):x};"


def element(name: str, *content: str | int | bool | None) -> str:
    """Return an element holding one text; nothing when that is None."""
    (value,) = content or ("",)
    if value is None:
        return ""
    if isinstance(value, bool):
        value = "true" if value else "false"
    return f"<{name}>{escape(str(value))}</{name}>"


def group(name: str, *children: str) -> str:
    """Return an element holding elements."""
    return f"<{name}>{''.join(children)}</{name}>"


def document(name: str, children: Iterable[str]) -> bytes:
    """Return a whole answer document in the namespace of S3."""
    inner = "".join(children)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{name} xmlns="{NAMESPACE}">{inner}</{name}>'
    ).encode()


def error_document(elements: dict[str, str]) -> bytes:
    """Return the document of a refusal, which has no namespace."""
    inner = "".join(element(name, text) for name, text in elements.items())
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>').encode()


def timestamp(moment: float) -> str:
    """Return *moment* as S3 writes it in documents."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(moment))


@lru_cache(maxsize=1024)
def http_date(moment: int) -> str:
    """Return *moment* as HTTP writes it in headers."""
    return formatdate(moment, usegmt=True)


def parse(data: bytes) -> ElementTree.Element:
    """Return the root of a document a client sent, names without namespaces."""
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise RefusalError("MalformedXML") from error
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
    return root
