"""An S3 in memory that goes wrong when told to, and a reader and a writer that do.

`FakeStore` speaks `s3open.s3.verbs.Verbs`. Request *k* of an operation, counted from 1,
meets the `Fault` that was planned for it; everything else works. Every write gives a
new ETag.
"""

from __future__ import annotations

import contextlib
import types
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

from s3open import errors
from s3open.answered import answered as made
from s3open.contract import (
    Answer,
    Attributes,
    Condition,
    Doomed,
    Entry,
    ObjectInfo,
    Page,
    Part,
    Proof,
)
from s3open.s3.retry import DEFAULT
from s3open.s3.verbs import NO_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from s3open.contract import Pieces
    from s3open.location import Location

KIB = 1 << 10
MIB = 1 << 20


def answered(code: str, status: int, uri: str = "s3://b/k") -> errors.S3Error:
    """Return the error that the transport makes of an answer."""
    return made(code, status, uri, {"Error": {"Code": code}})


def cut_off(uri: str = "s3://b/k") -> errors.S3Error:
    """Return the error for a connection that broke before the answer came."""
    return errors.S3ConnectionError.at(uri, "the connection broke")


def pattern(length: int, seed: int = 0) -> bytes:
    """Return *length* bytes of which no two MiB, and no two seeds, are alike."""
    step = b"".join(
        (seed * 1_000_003 + number).to_bytes(8, "big") for number in range(1 << 10)
    )
    blocks = -(-length // len(step))
    return b"".join(block.to_bytes(4, "big") + step[4:] for block in range(blocks))[
        :length
    ]


class Bag(types.SimpleNamespace):
    """Attributes, in an object that is hashable and weakly referable as clients are."""

    __hash__ = object.__hash__  # type: ignore[assignment]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong with one request.

    Attributes:
        first: done before anything else.
        error: raised instead of an answer.
        done: the request is carried out all the same, before *error* is raised.
        stops: the body ends after so many bytes, or raises *breaks* there.
    """

    first: Callable[[], object] | None = None
    error: BaseException | None = None
    done: bool = False
    stops: int | None = None
    breaks: BaseException | None = None


def lost() -> Fault:
    """Return the fault of an answer that gets lost: done, but nobody knows."""
    return Fault(error=cut_off(), done=True)


def failing(code: str, status: int) -> Fault:
    """Return the fault of an answer with *status* and S3's error *code*."""
    return Fault(error=answered(code, status))


@dataclass(frozen=True)
class Request:
    """What was asked of a `FakeStore`, as far as it matters here."""

    operation: str
    span: range = range(0)
    if_match: str | None = None
    number: int = 0
    size: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)


class FakeBody:
    """The bytes of an answer, *step* at a time at most."""

    def __init__(self, data: bytes, step: int, fault: Fault) -> None:
        self.closed = False
        self.taken = 0
        self._data = data
        self._step = step
        self._fault = fault

    @property
    def finished(self) -> bool:
        """Whether every byte was taken."""
        return self.taken == len(self._data)

    def readinto(self, view: memoryview) -> int:
        assert not self.closed, "a body was read after it was closed"
        stop = len(self._data)
        if self._fault.stops is not None:
            stop = min(stop, self._fault.stops)
        length = min(len(view), self._step, stop - self.taken)
        if length <= 0 and stop < len(self._data) and self._fault.breaks is not None:
            # A connection that breaks may have left anything in the buffer.
            view[:1] = b"?"
            raise self._fault.breaks
        view[:length] = self._data[self.taken : self.taken + length]
        self.taken += length
        return length

    def close(self) -> None:
        self.closed = True


@dataclass(frozen=True)
class Stored:
    """An object in a `FakeStore`."""

    body: bytes
    etag: str
    attributes: Attributes


@dataclass
class Upload:
    """A multipart upload in a `FakeStore`."""

    key: str
    attributes: Attributes
    parts: dict[int, tuple[str, bytes]] = field(default_factory=dict)


class FakeStore:
    """One bucket in memory.

    Attributes:
        objects: by key.
        uploads: the multipart uploads under way, by id.
        requests: all there were, in order.
        bodies: of all answers to GET, in order.
        denied: operations that answer 403.
        step: how many bytes one read of a body gives at most.
        ignores_ranges: a GET answers with the whole object.
        ignores_if_match: a GET answers whatever is there now.
        condition_first: CompleteMultipartUpload looks at the condition before it looks
            for the upload. (AWS does not say which.)
    """

    endpoint = "https://s3.amazonaws.com"  # hence known to honour conditions
    patience = DEFAULT

    def __init__(self) -> None:
        self.objects: dict[str, Stored] = {}
        self.uploads: dict[str, Upload] = {}
        self.requests: list[Request] = []
        self.bodies: list[FakeBody] = []
        self.denied: set[str] = set()
        self.step = 1 << 60
        self.ignores_ranges = False
        self.ignores_if_match = False
        self.condition_first = False
        self._faults: dict[tuple[str, int], Fault] = {}
        self._numbers = count(1)

    def plan(self, operation: str, number: int, fault: Fault) -> None:
        """Have request *number* of *operation*, counted from 1, meet *fault*."""
        self._faults[operation, number] = fault

    def add(self, key: str, body: bytes, attributes: Attributes | None = None) -> None:
        """Create or replace an object, as somebody else would."""
        etag = f'"{next(self._numbers)}"'
        self.objects[key] = Stored(body, etag, attributes or Attributes())

    def asked(self, operation: str) -> list[Request]:
        """Return the requests of *operation* so far."""
        return [each for each in self.requests if each.operation == operation]

    def operations(self) -> list[str]:
        """Return the operations of all requests so far."""
        return [each.operation for each in self.requests]

    def get_object(
        self,
        at: Location,
        span: range,
        *,
        if_match: str | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> Answer:
        request = Request("get_object", span, if_match, settings=settings)
        with self._request(request, at) as fault:
            stored = self._stored(at, "NoSuchKey")
            if if_match not in (None, stored.etag) and not self.ignores_if_match:
                raise answered("PreconditionFailed", 412, at.uri)
            size = len(stored.body)
            if span.start >= size:
                raise answered("InvalidRange", 416, at.uri)
            arriving = range(span.start, min(span.stop, size))
            if self.ignores_ranges:
                arriving = range(size)
            data = stored.body[arriving.start : arriving.stop]
            body = FakeBody(data, self.step, fault)
        self.bodies.append(body)
        return Answer(_info(stored), arriving, body)

    def head_object(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> ObjectInfo:
        with self._request(Request("head_object", settings=settings), at):
            return _info(self._stored(at, "404"))

    def put_object(
        self,
        at: Location,
        body: Pieces,
        attributes: Attributes,
        condition: Condition,
    ) -> ObjectInfo:
        data = b"".join(body)
        with self._request(Request("put_object", size=len(data)), at):
            self._check(at, condition)
            self.add(at.key, data, attributes)
            return _info(self._stored(at, "NoSuchKey"))
        raise AssertionError  # the context manager swallows nothing

    def get_object_tags(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> dict[str, str]:
        return {}

    def put_object_tags(
        self,
        at: Location,
        tags: Mapping[str, str],
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> None:
        pass

    def delete_object(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> None:
        with self._request(Request("delete_object", settings=settings), at):
            if "IfMatch" in settings:
                self._check(at, Condition(etag=settings["IfMatch"]))
            self.objects.pop(at.key, None)

    def delete_objects(
        self,
        at: Location,
        doomed: Sequence[Doomed],
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> dict[Doomed, errors.S3Error]:
        request = Request("delete_objects", size=len(doomed), settings=settings)
        refused = {}
        with self._request(request, at):
            for one in doomed:
                place = replace(at, key=one.key, uri=f"s3://{at.bucket}/{one.key}")
                try:
                    self._check(place, Condition(etag=one.etag))
                except errors.S3Error as error:
                    refused[one] = error
                else:
                    self.objects.pop(one.key, None)
        return refused

    def list_objects(
        self,
        at: Location,
        *,
        delimiter: str = "",
        start_after: str = "",
        token: str | None = None,
        max_keys: int = 1000,
        owner: bool = False,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> Page:
        with self._request(Request("list_objects", settings=settings), at):
            after = start_after if token is None else token
            names: list[str] = []
            for key in sorted(self.objects):
                head, found, _ = key[len(at.key) :].partition(delimiter or "\0")
                name = f"{at.key}{head}{delimiter}" if found else key
                if key.startswith(at.key) and name > after and name not in names[-1:]:
                    names.append(name)
            shown = names[:max_keys]
            entries = [
                Entry(name, len(self.objects[name].body), etag=self.objects[name].etag)
                for name in shown
                if not (delimiter and name[len(at.key) :].endswith(delimiter))
            ]
            listed = {entry.name for entry in entries}
            prefixes = [name for name in shown if name not in listed]
            return Page(entries, prefixes, shown[-1] if shown != names else None)
        raise AssertionError  # the context manager swallows nothing

    def list_versions(
        self,
        at: Location,
        *,
        delimiter: str = "",
        token: str | None = None,
        max_keys: int = 1000,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> Page:
        raise NotImplementedError

    def copy_object(
        self,
        source: Location,
        at: Location,
        attributes: Attributes | None,
        condition: Condition,
        *,
        if_match: str | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> ObjectInfo:
        request = Request("copy_object", if_match=if_match, settings=settings)
        with self._request(request, at):
            stored = self._stored(source, "NoSuchKey")
            if if_match not in (None, stored.etag):
                raise answered("PreconditionFailed", 412, at.uri)
            self._check(at, condition)
            self.add(at.key, stored.body, attributes or stored.attributes)
            return replace(_info(self._stored(at, "NoSuchKey")), size=0)
        raise AssertionError  # the context manager swallows nothing

    def create_multipart_upload(self, at: Location, attributes: Attributes) -> str:
        with self._request(Request("create_multipart_upload"), at):
            upload = f"upload-{next(self._numbers)}"
            self.uploads[upload] = Upload(at.key, attributes)
        return upload

    def upload_part(
        self,
        at: Location,
        upload: str,
        number: int,
        body: Pieces,
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> Part:
        data = b"".join(body)
        size = len(data)
        request = Request("upload_part", number=number, size=size, settings=settings)
        with self._request(request, at):
            return self._take(at, upload, number, data)
        raise AssertionError  # the context manager swallows nothing

    def upload_part_copy(
        self,
        at: Location,
        upload: str,
        number: int,
        span: range,
        *,
        if_match: str,
        source: Location | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> Part:
        operation = "upload_part_copy"
        request = Request(operation, span, if_match, number, len(span), settings)
        with self._request(request, at):
            stored = self._stored(source or at, "NoSuchKey")
            if if_match != stored.etag:
                raise answered("PreconditionFailed", 412, at.uri)
            data = stored.body[span.start : span.stop]
            assert len(data) == len(span)
            return self._take(at, upload, number, data)
        raise AssertionError  # the context manager swallows nothing

    def complete_multipart_upload(
        self,
        at: Location,
        upload: str,
        parts: Sequence[Part],
        condition: Condition,
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> ObjectInfo:
        request = Request("complete_multipart_upload", settings=settings)
        with self._request(request, at):
            if self.condition_first:
                self._check(at, condition)
            pending = self._upload(at, upload)
            self._check(at, condition)
            numbers = range(1, len(parts) + 1)
            for number, part in zip(numbers, parts, strict=True):
                assert pending.parts[number][0] == part.etag
            body = b"".join(pending.parts[number][1] for number in numbers)
            self.add(at.key, body, pending.attributes)
            del self.uploads[upload]
            return _info(self._stored(at, "NoSuchKey"))
        raise AssertionError  # the context manager swallows nothing

    def abort_multipart_upload(self, at: Location, upload: str) -> None:
        with self._request(Request("abort_multipart_upload"), at):
            self._upload(at, upload)
            del self.uploads[upload]

    def upload_exists(self, at: Location, upload: str) -> bool:
        with self._request(Request("upload_exists"), at):
            return upload in self.uploads
        raise AssertionError  # the context manager swallows nothing

    def list_parts(
        self, at: Location, upload: str, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> dict[int, Part]:
        with self._request(Request("list_parts", settings=settings), at):
            parts = self._upload(at, upload).parts
            return {k: Part(etag, len(data)) for k, (etag, data) in parts.items()}
        raise AssertionError  # the context manager swallows nothing

    @contextlib.contextmanager
    def _request(self, request: Request, at: Location) -> Iterator[Fault]:
        self.requests.append(request)
        number = len(self.asked(request.operation))
        fault = self._faults.get((request.operation, number), Fault())
        if fault.first is not None:
            fault.first()
        if fault.error is not None and not fault.done:
            raise fault.error
        if request.operation in self.denied:
            raise answered("AccessDenied", 403, at.uri)
        yield fault
        if fault.error is not None:
            raise fault.error

    def _take(self, at: Location, upload: str, number: int, data: bytes) -> Part:
        etag = f'"{next(self._numbers)}"'
        self._upload(at, upload).parts[number] = (etag, data)
        return Part(etag, len(data))

    def _stored(self, at: Location, code: str) -> Stored:
        if at.key not in self.objects:
            raise answered(code, 404, at.uri)
        return self.objects[at.key]

    def _upload(self, at: Location, upload: str) -> Upload:
        if upload not in self.uploads:
            raise answered("NoSuchUpload", 404, at.uri)
        return self.uploads[upload]

    def _check(self, at: Location, condition: Condition) -> None:
        there = self.objects.get(at.key)
        if condition.absent and there is not None:
            raise answered("PreconditionFailed", 412, at.uri)
        if condition.etag is not None and (
            there is None or there.etag != condition.etag
        ):
            raise answered("PreconditionFailed", 412, at.uri)


def _info(stored: Stored) -> ObjectInfo:
    attributes = stored.attributes
    return ObjectInfo(
        len(stored.body),
        stored.etag,
        content_type=attributes.content_type,
        metadata=attributes.metadata,
    )


class FakeReader:
    """A `contract.Reader` of *content*; request *k* meets the fault planned for it.

    Attributes:
        asked: the spans that were asked for.
        whole: answers have the whole object.
        shift: by how much answers are beside what was asked for.
        kept: by what the store says that all bytes can be verified.
        proofs: how often it was asked for that.
    """

    uri = "s3://b/k"

    def __init__(
        self, content: bytes, faults: Mapping[int, Fault] | None = None
    ) -> None:
        self.asked: list[range] = []
        self.bodies: list[FakeBody] = []
        self.step = 1 << 60
        self.whole = False
        self.shift = 0
        self.kept: Proof | None = None
        self.proofs = 0
        self.wanted: Callable[[], bool] | None = None
        self._content = content
        self._faults = faults or {}

    def fetch(self, span: range) -> Answer:
        self.asked.append(span)
        assert len(self.asked) < 1_000, "this goes on for ever"
        assert 0 <= span.start < span.stop <= len(self._content)
        fault = self._faults.get(len(self.asked), Fault())
        if fault.error is not None:
            raise fault.error
        if self.whole:
            span = range(len(self._content))
        span = range(span.start + self.shift, span.stop + self.shift)
        body = FakeBody(self._content[span.start : span.stop], self.step, fault)
        self.bodies.append(body)
        return Answer(ObjectInfo(len(self._content), '"1"'), span, body)

    def distrust(self) -> None:
        pass

    def proof(self, wanted: Callable[[], bool] | None = None) -> Proof | None:
        self.proofs += 1
        self.wanted = wanted
        return self.kept

    def first(self, length: int) -> Answer:
        """Return the answer that opens a file."""
        return self.fetch(range(min(length, len(self._content))))


class FakeWriter:
    """A `contract.Writer` that keeps what it is given; calls fail as planned.

    *faults* are by the name of the call and its number, counted from 1. *base* is what
    parts are copied from.
    """

    def __init__(
        self,
        faults: Mapping[tuple[str, int], BaseException] | None = None,
        max_parts: int = 10_000,
        base: bytes | None = None,
    ) -> None:
        self.max_parts = max_parts
        self.base = base
        self.copied: list[range] = []
        self.published: bytes | None = None
        self.calls: list[str] = []
        self.parts: dict[int, bytes] = {}
        self.pending: set[str] = set()
        self._faults = faults or {}

    def put(self, body: Pieces, crc: int | None = None) -> None:
        self._call("put")
        self._publish(b"".join(body))

    def begin(self) -> str:
        self._call("begin")
        self.pending.add("upload-1")
        return "upload-1"

    def put_part(
        self, upload: str, number: int, body: Pieces, crc: int | None = None
    ) -> Part:
        self._call("put_part")
        assert upload in self.pending
        self.parts[number] = b"".join(body)
        return Part(f"tag-{number}", len(self.parts[number]))

    @property
    def copies(self) -> bool:
        return self.base is not None

    def copy_part(self, upload: str, number: int, span: range) -> Part | None:
        self._call("copy_part")
        assert upload in self.pending
        assert self.base is not None
        self.copied.append(span)
        self.parts[number] = self.base[span.start : span.stop]
        assert len(self.parts[number]) == len(span)
        return Part(f"tag-{number}", len(span))

    def complete(self, upload: str, parts: Sequence[Part]) -> None:
        self._call("complete")
        numbers = range(1, len(parts) + 1)
        assert [part.etag for part in parts] == [f"tag-{number}" for number in numbers]
        self.pending.remove(upload)
        self._publish(b"".join(self.parts[number] for number in numbers))

    def abort(self, upload: str) -> None:
        self._call("abort")
        self.pending.discard(upload)

    def _publish(self, body: bytes) -> None:
        assert self.published is None, "published twice"
        self.published = body

    def _call(self, name: str) -> None:
        self.calls.append(name)
        error = self._faults.get((name, self.calls.count(name)))
        if error is not None:
            raise error
