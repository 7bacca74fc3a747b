"""How tags are written in a header."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def tagging(tags: Mapping[str, str]) -> str:
    """Return *tags* as S3 has them in a header.

    A blank is no "+" there, which some stores (Ceph) take for itself.
    """
    from urllib.parse import quote, urlencode

    return urlencode(tags, quote_via=quote)


def read(text: str) -> dict[str, str]:
    """Return the tags that `tagging` has written."""
    from urllib.parse import parse_qsl

    return dict(parse_qsl(text, keep_blank_values=True))
