"""What this process asks of stores, counted while somebody looks.

One list of those who look, for the whole process: which thread a request is made in
says nothing about who caused it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


@dataclass
class Trace:
    """What was asked of stores, and what came, as far as it has.

    *operations* are counted by S3's names (``GetObject``), *verbs* by those of HTTP
    (``GET``), *files* by their URIs. *retries* are requests that were made again,
    *failures* those that ended in an error, *unverified* the bytes that were read and
    could not be compared with a checksum.
    """

    requests: int = 0
    operations: dict[str, int] = field(default_factory=dict)
    verbs: dict[str, int] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    bytes_in: int = 0
    bytes_out: int = 0
    retries: int = 0
    failures: int = 0
    unverified: int = 0


def trace() -> AbstractContextManager[Trace]:
    """Count what is asked of stores, and what comes, while a ``with`` block runs.

    All requests of this process, of all threads; not those of other processes. Several
    may look at once, one inside the other. What was begun before the block ends, and
    ends after it, is counted as far as it was.
    """
    raise NotImplementedError
