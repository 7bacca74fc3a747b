"""Downloads: of one version of an object, into a file, gone on with after a crash.

What takes more than one range has a journal. Whoever finds one asks the store whether
the object still is that version, compares the ranges that are noted with what is in the
file, and fetches those that are missing, or differ; all of one ETag. The file takes its
place when all of it is there, and its checksum is the one that the store keeps.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from s3open import checksums, contract, errors
from s3open.files import Info
from s3open.reading import Verification
from s3open.s3.clients import verbs_for
from s3open.s3.proofs import parts_in, proof_of
from s3open.s3.settled import settled
from s3open.s3.tokens import shown
from s3open.stores.objects import S3Reader
from s3open.stores.reads import first_answer, version_of
from s3open.stores.window import WindowReader, within
from s3open.tracing import checked
from s3open.transfers import journal as journals
from s3open.transfers.landing import Landing
from s3open.transfers.receiving import Receiving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3open.config import Config
    from s3open.location import Location
    from s3open.stores.options import Options
    from s3open.transfers.journal import Journal

_CHUNK = 1 << 20


class Download:
    """What is to become of the file *target*, a path without links.

    Args:
        options: which version, and which bytes of it.
        overwrite: whether *target* may be there already.
        moved: is told how many bytes have come, by several threads.
    """

    expected: Callable[[int], object] | None = None
    """Is told how many will have come in the end."""

    def __init__(
        self,
        location: Location,
        target: str,
        config: Config,
        options: Options,
        *,
        overwrite: bool,
        moved: Callable[[int], object] | None = None,
    ) -> None:
        self._moved = moved
        self._location = location
        self._target = target
        self._config = config
        self._reading = options.reading
        self._verify = options.verify or config.verify
        self._overwrite = overwrite
        always = options.writing.always
        version = version_of(location, config, options.reading)
        if version is not None:
            always["VersionId"] = version
        self._verbs = settled(verbs_for(config, location.uri), always)
        asked = (options.reading.window, options.reading.if_match, version)
        self._names = (
            *("download", self._verbs.endpoint, location.bucket, location.key),
            *(target, str(asked), str(dict(options.reading.conditions))),
        )

    def fetch(self) -> Info:
        """Have the file, or raise what the store, or the disk, raises."""
        journal = next(journals.abandoned(*self._names), None)
        begun = self._resumed(journal) if journal is not None else None
        info = self._completed(begun or self._begun())
        for other in journals.abandoned(*self._names):
            landing = self._left(other)
            if landing is not None:
                landing.close()
            other.close(keep=False)
        return info

    def _begun(self) -> _Begun:
        """Ask for the first range, which says what there is."""
        landing = Landing(self._target)
        answer = None
        try:
            answer = first_answer(
                self._verbs, self._location, self._reading, self._config.part_size
            )
            if answer is None:
                nothing = S3Reader(self._verbs, self._location, contract.ObjectInfo(0))
                return _Begun(landing, nothing.head())
            info = answer.info
            window = self._window(info)
            first = within(answer, window)
            if first.span.stop >= len(window):
                return _Begun(landing, info, first)
            if len(window) == info.size and self._verify != "off":
                info = self._summed(info)
            return _Begun(landing, info, first, self._noted(landing, info))
        except BaseException:
            if answer is not None:
                answer.body.close()
            landing.close()
            raise

    def _resumed(self, journal: Journal) -> _Begun | None:
        """Return what *journal* tells of, None if that is of no use any more."""
        landing = self._left(journal)
        if landing is None:
            journal.close(keep=False)
            return None
        size, etag = journal.header.get("size"), journal.header.get("etag")
        try:
            known = contract.ObjectInfo(size, etag)  # type: ignore[arg-type]
            info = S3Reader(self._verbs, self._location, known).head()
        except errors.ObjectChangedError:
            landing.close()
            journal.close(keep=False)
            return None
        except BaseException:
            landing.close(keep=True)
            journal.close(keep=True)
            raise
        return _Begun(landing, info, None, journal)

    def _completed(self, begun: _Begun) -> Info:
        """Fetch what is missing, compare, and publish."""
        info, journal = begun.info, begun.journal
        keep = False
        try:
            window = self._window(info)
            size = self._received(begun, window)
            begun.landing.publish(size, overwrite=self._overwrite)
        except BaseException as error:
            keep = journal is not None and journals.may_go_on(error)
            raise
        finally:
            if begun.first is not None:
                begun.first.body.close()
            begun.landing.close(keep=keep)
            if journal is not None:
                journal.close(keep=keep)
            if keep:
                self._warn(begun.landing)
        return self._told(info, size)

    def _received(self, begun: _Begun, window: range) -> int:
        info, journal = begun.info, begun.journal
        reader = S3Reader(self._verbs, self._location, info)
        proof = None
        if self._verify != "off" and len(window) == info.size:
            proof = self._proof(reader, info)
        quick = proof is not None and proof.algorithm in checksums.WIDTH
        algorithm = proof.algorithm if proof and quick else checksums.own()
        receiving = Receiving(
            WindowReader(reader, window),
            begun.landing,
            self._config,
            algorithm,
            note=journal.note if journal is not None else None,
            entries=journal.entries if journal is not None else (),
        )
        receiving.moved = self._moved
        if self.expected is not None:
            self.expected(len(window))
        step = self._config.part_size
        if journal is not None:
            step = int(journal.header.get("part_size", step))
        spans = _spans(len(window), begun.first, step)
        pieces = receiving.fetch(spans, begun.first)
        if proof is not None and quick and proof.part_size is None:
            self._compare(proof, checksums.combined(algorithm, pieces))
        elif proof is not None:
            _read_again(
                begun.landing, Verification(reader, info.size, proof, only=True)
            )
        return len(window)

    def _proof(
        self, reader: S3Reader, info: contract.ObjectInfo
    ) -> contract.Proof | None:
        """Return what proves all bytes of *info*, as far as that was asked for."""
        proof = proof_of(info)
        if parts_in(info) > 1:
            try:
                proof = proof_of(info, reader.head(PartNumber=1).size)
            except errors.ObjectChangedError:
                raise
            except errors.S3Error:
                proof = None
        if self._verify == "always" and proof is None:
            raise errors.IntegrityError.at(
                self._location.uri,
                "the store keeps no checksum by which it can be verified",
            )
        if self._verify == "auto" and proof is not None:
            # Digests are too slow, unasked.
            return proof if proof.algorithm in checksums.WIDTH else None
        return proof

    def _compare(self, proof: contract.Proof, crc: int) -> None:
        received = checksums.encode(proof.algorithm, crc)
        if received != proof.value:
            raise errors.IntegrityError.between(
                self._location.uri,
                proof.value,
                received,
                "the bytes are not those that were stored",
            )
        checked("verified")

    def _window(self, info: contract.ObjectInfo) -> range:
        wanted = self._reading.window
        if wanted is None:
            return range(info.size)
        start = min(wanted.start, info.size)
        return range(start, max(start, min(wanted.stop, info.size)))

    def _summed(self, info: contract.ObjectInfo) -> contract.ObjectInfo:
        """Return *info* with the checksum that the store keeps, if it says so."""
        try:
            return S3Reader(self._verbs, self._location, info).head()
        except errors.ObjectChangedError:
            raise
        except errors.S3Error:
            return info

    def _noted(self, landing: Landing, info: contract.ObjectInfo) -> Journal | None:
        if info.etag is None:
            # Nobody could tell later whether it is the same.
            return None
        journal = journals.opened(*self._names)
        if journal is not None:
            left = self._left(journal)
            if left is not None:
                left.close()
            journal.begin(
                {
                    "temporary": landing.temporary,
                    "etag": info.etag,
                    "size": info.size,
                    "part_size": self._config.part_size,
                }
            )
        return journal

    def _left(self, journal: Journal) -> Landing | None:
        """Return the file that *journal* tells of, if it is there."""
        temporary = journal.header.get("temporary")
        beside = os.path.dirname(self._target)
        if not isinstance(temporary, str) or os.path.dirname(temporary) != beside:
            return None
        try:
            return Landing(self._target, temporary)
        except OSError:
            return None

    def _warn(self, landing: Landing) -> None:
        errors.warn(
            f"{self._location.uri!r} was not downloaded to its end; the same call goes "
            f"on with it. Until then what has come is in {landing.temporary!r}.",
            errors.UnpublishedWarning,
        )

    def _told(self, info: contract.ObjectInfo, size: int) -> Info:
        at, known = self._location, shown(info)
        return Info(
            at.uri,
            at.bucket,
            at.key,
            size,
            known.etag,
            known.version_id,
            known.last_modified,
            known.content_type,
            known.metadata,
            known.checksum,
        )


class _Begun(NamedTuple):
    """A download under way; *first* is the answer that brings the first range."""

    landing: Landing
    info: contract.ObjectInfo
    first: contract.Answer | None = None
    journal: Journal | None = None


def _spans(size: int, first: contract.Answer | None, step: int) -> Iterator[range]:
    """Yield the ranges of *size* bytes: what *first* brings, and *step* bytes each."""
    start = 0
    if first is not None:
        yield first.span
        start = first.span.stop
    for begin in range(start, size, step):
        yield range(begin, min(begin + step, size))


def _read_again(landing: Landing, verification: Verification) -> None:
    """Have what is in the file verified, for what its ranges' sums do not tell."""
    buffer = memoryview(bytearray(_CHUNK))
    position = 0
    while count := landing.read_at(position, buffer):
        verification.received(position, buffer[:count])
        verification.read(position, buffer[:count])
        position += count
    verification.settle()
    verification.close()
