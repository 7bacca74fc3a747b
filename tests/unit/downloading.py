"""A download of a fake reader's object."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from s3open.reading import Download, readahead
from s3open.s3.retry import Patience
from s3open.spool import Spool
from tests.fakes import MIB, FakeReader, Fault, pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

ATTEMPTS = 3
PATIENCE = Patience(attempts=ATTEMPTS)
CONTENT = pattern(9 * MIB + 123)
FIRST = readahead.FIRST


class Reading:
    """A download of *content* by a `FakeReader`, with its spool."""

    def __init__(
        self,
        content: bytes = CONTENT,
        faults: dict[int, Fault] | None = None,
        *,
        memory: int = 64 * MIB,
        step: int = 1 << 60,
        whole: bool = False,
        connections: int = 1,
        shared: bool = False,
    ) -> None:
        self.content = content
        self.reader = FakeReader(content, faults)
        self.reader.step = step
        self.reader.whole = whole
        self.spool = Spool(len(content), memory=memory, shared=shared)
        first = self.reader.first(FIRST)
        self.download = Download(self.reader, self.spool, first, PATIENCE, connections)

    def read(self, start: int, length: int) -> bytes:
        view = bytearray(b"!" * length)
        return bytes(view[: self.download.read_at(start, memoryview(view))])

    def is_right(self, start: int, length: int) -> bool:
        return self.read(start, length) == self.content[start : start + length]

    def close(self) -> None:
        self.download.close()
        self.spool.close()

    def keeps(self) -> bool:
        return self.spool.keep

    def connections(self) -> int:
        """Return how many bodies are open."""
        return sum(not body.closed for body in self.reader.bodies)

    @property
    def asked(self) -> list[range]:
        return self.reader.asked


@contextlib.contextmanager
def reading(*arguments: object, **settings: object) -> Iterator[Reading]:
    with contextlib.closing(Reading(*arguments, **settings)) as made:  # type: ignore[arg-type]  # passed on
        yield made
