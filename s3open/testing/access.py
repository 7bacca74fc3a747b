"""Owners, ACLs and grants; where a bucket's requests are logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing.request import Answer, Request
    from s3open.testing.state import State

# What `routing` has, too: the operations on buckets and objects, by method and
# subresource.
BUCKET: Final[dict[str, str]] = {}
OBJECT: Final[dict[str, str]] = {}

OPERATIONS: Final[dict[str, Callable[[State, Request], Answer]]] = {}
