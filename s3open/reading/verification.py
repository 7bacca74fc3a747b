"""Whether what was received is what the store keeps; told before the end of the file.

Which checksum it keeps is asked beside the second request, so until the answer is here
all CRCs are taken. Who reads only some of the bytes cannot verify: that is counted.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from s3open import checksums, errors
from s3open.reading.digest import Digest
from s3open.reading.ledger import Ledger
from s3open.s3.jobs import Job
from s3open.s3.proofs import quick_proof_of
from s3open.spans import RangeSet
from s3open.tracing import checked

if TYPE_CHECKING:
    from s3open.contract import Answer, Proof, Reader

# Who asked for so many bytes, from the first one on, may well go on to the end: then
# a request more does not count.
_WORTH_ASKING = 2 << 20

_NOT_STORED = "what was read is not what was stored"


class Verification:
    """Compares the bytes that *reader* gives with the proof that its store has.

    Threads may say what they have `received`; all else is for the reading thread.

    Args:
        size: of the object.
        proof: what is known already.
        only: *proof* is all there is, and has to do.
        strict: there has to be one, before the first byte.
    """

    def __init__(
        self,
        reader: Reader,
        size: int,
        proof: Proof | None,
        *,
        only: bool = False,
        strict: bool = False,
    ) -> None:
        self._reader = reader
        self._size = size
        self._proof = proof
        self._only = only
        self._strict = strict
        self._known = proof is not None or only
        self._job: Job[Proof | None] | None = None
        self._asked = RangeSet()
        self._failure: errors.IntegrityError | None = None
        self._settled = not size
        self._closed = False
        self._begin()

    def _begin(self) -> None:
        proof, size = self._proof, self._size
        self._ledgers: tuple[Ledger, ...] = ()
        self._digest: Digest | None = None
        if not self._known:
            self._ledgers = tuple(Ledger(name, size) for name in checksums.known())
        elif proof is not None and proof.algorithm in checksums.known():
            self._ledgers = (Ledger(proof.algorithm, size, proof.part_size),)
        elif proof is not None:
            # The ledger tells when all bytes have come, whatever the order.
            self._ledgers = (Ledger(checksums.own(), size),)
            self._digest = Digest(proof.algorithm)

    def asked(self, span: range) -> None:
        """Note that *span* is about to be asked for, or is on its way.

        Raises IntegrityError if it could not be verified, and has to be.
        """
        if self._known or self._job is not None:
            return
        if self._strict:
            self._require()
            return
        self._asked.add(span)
        if len(span) == self._size:
            # It will be answered with the checksum, where there is one.
            return
        begun, end = self._asked.run(0, self._size)
        if begun and end >= min(_WORTH_ASKING, self._size):
            self._job = Job(partial(self._reader.proof, lambda: not self._closed))
            self._job.start()

    def _require(self) -> None:
        self._proof = self._reader.proof()
        if self._proof is None:
            raise errors.IntegrityError.at(
                self._reader.uri,
                "the store keeps no checksum by which it can be verified",
            )
        self._known = True
        self._begin()

    def answered(self, answer: Answer) -> None:
        """Hear what an *answer* tells of the whole object."""
        if not self._known and len(answer.span) == self._size:
            self._learn(quick_proof_of(answer.info))

    def received(self, start: int, data: memoryview) -> None:
        """Note that *data* have come, the bytes at *start*; thread-safe."""
        if self._job is not None and not self._known and self._job.done:
            self._learn(self._found(self._job))
        for ledger in self._ledgers:
            ledger.received(start, data)

    def received_all(self, data: memoryview) -> None:
        """Note that *data* are all the bytes: what `received` does, in less time."""
        proof = self._proof
        if proof is None or self._digest is not None or proof.part_size is not None:
            self.received(0, data)
            return
        value = checksums.encode(proof.algorithm, checksums.crc(proof.algorithm, data))
        if value == proof.value:
            self._settled = True
            checked("verified")
        else:
            self._failure = errors.IntegrityError.between(
                self._reader.uri, proof.value, value, _NOT_STORED
            )

    def lost(self, span: range) -> None:
        """Note that *span* did not get to where it was wanted, and comes again."""
        for ledger in self._ledgers:
            ledger.forget(span)

    @property
    def in_order(self) -> bool:
        """Whether it has to `read` all bytes in order, too."""
        return self._digest is not None

    def read(self, offset: int, data: memoryview) -> None:
        """Note that the program is about to be given *data*, the bytes at *offset*."""
        if self._digest is not None:
            self._digest.read(offset, data)

    @property
    def behind(self) -> range:
        """What it has to `read` still; empty as long as not all bytes have come."""
        if self._digest is None or not self._ledgers[0].complete:
            return range(0)
        return range(self._digest.position, self._size)

    def settle(self) -> None:
        """Raise IntegrityError if all bytes are here, and are not the right ones."""
        if self._failure is not None:
            raise self._failure
        for ledger in self._ledgers:
            if ledger.differs:
                raise self._failed(None, None, "the same bytes came twice, not alike")
        if self._settled or not self._is_complete():
            return
        if not self._known:
            self._learn(self._found(self._job or Job(self._reader.proof)))
            if self._ledgers and not self._is_complete():
                # A thread is about to tell this ledger what others know already; only
                # then its bytes can be read.
                return
        if self._proof is None or not (self._ledgers or self._digest):
            self._conclude("unverifiable")
            return
        received = self._received()
        if received is None:
            self._conclude("unverifiable")
        elif received != self._proof.value:
            raise self._failed(self._proof.value, received, _NOT_STORED)
        else:
            self._conclude("verified")

    def restart(self) -> None:
        """Forget what was received: all of it comes again.

        What the store keeps is asked again, too, if it was not asked for by itself.
        """
        if not self._only:
            self._known, self._proof, self._job = False, None, None
        self._failure = None
        self._begin()

    def leave_to_parent(self) -> None:
        """Go on in a forked child, which lacks the threads."""
        self._job = None
        for ledger in self._ledgers:
            ledger.renew_lock()

    def close(self) -> None:
        """Count what was read in part, and ask no more. Idempotent."""
        self._closed = True
        if not self._settled and self._failure is None:
            self._conclude("partial" if self._ledgers else "unverifiable")

    def _is_complete(self) -> bool:
        if self._digest is not None:
            return self._digest.position == self._size
        return bool(self._ledgers) and self._ledgers[0].complete

    def _found(self, job: Job[Proof | None]) -> Proof | None:
        try:
            return job.result()
        except errors.S3Error:
            # All bytes may come, and be right, all the same.
            return None

    def _learn(self, proof: Proof | None) -> None:
        """Have it known what the store keeps. Thread-safe."""
        name = proof.algorithm if proof is not None else None
        self._proof = proof
        self._ledgers = tuple(one for one in self._ledgers if one.algorithm == name)
        self._known = True

    def _received(self) -> str | None:
        """Return the checksum of what was received; None where pages lie across."""
        assert self._proof is not None
        if self._digest is not None:
            return self._digest.text()
        ledger, size = self._ledgers[0], self._proof.part_size
        if size is None:
            return checksums.encode(ledger.algorithm, ledger.whole())
        parts = ledger.parts(size)
        if parts is None:
            return None
        width = checksums.WIDTH[ledger.algorithm]
        joined = b"".join(part.to_bytes(width, "big") for part in parts)
        return checksums.encode(
            ledger.algorithm, checksums.crc(ledger.algorithm, joined)
        )

    def _conclude(self, outcome: str) -> None:
        self._settled = True
        checked(outcome)
        if outcome != "verified":
            self._ledgers, self._digest = (), None

    def _failed(
        self, expected: str | None, received: str | None, advice: str
    ) -> errors.IntegrityError:
        self._failure = errors.IntegrityError.between(
            self._reader.uri, expected, received, advice
        )
        return self._failure
