"""Answers in the form they have on the wire."""

from __future__ import annotations

import secrets
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from s3open.testing.content import Content
from s3open.testing.documents import http_date

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.testing.faults import Fault
    from s3open.testing.request import Answer

_REASONS: Final = {status.value: status.phrase for status in HTTPStatus}


def head_of(answer: Answer, *, keep_alive: bool) -> bytes:
    """Return status line and headers, the blank line included."""
    headers = {
        "x-amz-request-id": secrets.token_hex(8).upper(),
        "x-amz-id-2": secrets.token_urlsafe(42),
        "Date": http_date(int(time.time())),
        "Server": "AmazonS3",
        **answer.headers,
    }
    if answer.status != 204 and answer.status != 304:
        headers["Content-Length"] = str(answer.size)
    if not keep_alive:
        headers["Connection"] = "close"
    reason = _REASONS.get(answer.status, "Unknown")
    lines = [f"HTTP/1.1 {answer.status} {reason}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def pieces(answer: Answer, fault: Fault) -> Iterator[memoryview]:
    """Yield the body, cut where *fault* does something to it."""
    body = Content.of(answer.body) if isinstance(answer.body, bytes) else answer.body
    marks = fault.marks
    offset = 0
    for view in body.views():
        for mark in marks:
            if offset < mark < offset + len(view):
                yield view[: mark - offset]
                view = view[mark - offset :]
                offset = mark
        yield view
        offset += len(view)
