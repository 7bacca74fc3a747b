"""The same file, here on this machine and there on S3.

One server is enough: what is tested here is the file, not the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from s3open.files.layers import BUFFER_SIZE
from tests.stores import builtin_any, open_any

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing import S3Server
    from tests.stores import LocalStore

KEY = "folder.file"


@dataclass(frozen=True)
class Place:
    """Where a file lies, what opens it, and what looks at it from outside."""

    open: Any
    name: str
    put: Callable[[bytes], object]
    read: Callable[[], bytes]
    buffer_size: int = -1


@pytest.fixture
def here(twin: LocalStore) -> Place:
    """A file of this machine, opened by builtin open.

    Its buffer has the size of ours: where a library goes back to change what it wrote
    but the file can only grow, it makes a difference whether that is buffered still.
    """
    return Place(
        builtin_any,
        twin.name(KEY),
        lambda content: twin.put(KEY, content),
        lambda: twin.read(KEY) if twin.exists(KEY) else b"",
        BUFFER_SIZE,
    )


@pytest.fixture
def there(
    s3open_server: S3Server,
    s3open_bucket: str,
    _known_to_honour: None,
    _private_recovery: None,
) -> Place:
    """A file on S3, opened by s3open."""

    def read() -> bytes:
        try:
            return s3open_server.read(s3open_bucket, KEY)
        except KeyError:
            return b""

    return Place(
        open_any,
        f"s3://{s3open_bucket}/{KEY}",
        lambda content: s3open_server.put(s3open_bucket, KEY, content),
        read,
    )
