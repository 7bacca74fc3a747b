"""Refusals of less usual operations, each table for the module that is named above it.

Apart from these modules, which raise what `errors` makes of the tables.
"""

from __future__ import annotations

from typing import Final

# configuration
CONFIGURATION: Final[dict[str, tuple[int, str]]] = {}

# access
ACCESS: Final[dict[str, tuple[int, str]]] = {}

# posting
POSTING: Final[dict[str, tuple[int, str]]] = {}

# locks
LOCKS: Final[dict[str, tuple[int, str]]] = {
    "NoSuchObjectLockConfiguration": (
        404,
        "The specified object does not have a ObjectLock configuration",
    ),
    "RestoreAlreadyInProgress": (409, "Object restore is already in progress"),
}
