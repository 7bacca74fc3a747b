"""Trees of files for tests, alike on every store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.stores import LocalStore

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.stores import Store


def plant(store: Store, *keys: str, content: bytes = b"12345") -> None:
    """Put a file at each of *keys*, whose directories are made where that is needed."""
    for key in keys:
        if isinstance(store, LocalStore):
            (store.folder / key).parent.mkdir(parents=True, exist_ok=True)
        store.put(key, content)


def top(store: Store) -> str:
    """Return the name of the directory that all files of *store* are in."""
    return store.name("").rstrip("/")


def below(store: Store, names: Iterable[str]) -> list[str]:
    """Return *names* as keys, which all of them have to be of *store*."""
    start = top(store) + "/"
    found = list(names)
    assert all(name.startswith(start) for name in found), found
    return [name[len(start) :] for name in found]
