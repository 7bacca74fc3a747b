"""One request and its answer, on one connection, with whatever goes wrong on order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from s3open.testing.chunked import size_of_chunk
from s3open.testing.counters import Counters
from s3open.testing.errors import RefusalError
from s3open.testing.faults import Faults
from s3open.testing.intake import OBJECT_BODIES, Intake, require_possible, without_body
from s3open.testing.operations import error_in_200, execute, refused
from s3open.testing.permissions import admit
from s3open.testing.replies import head_of, pieces
from s3open.testing.request import Answer
from s3open.testing.routing import route
from s3open.testing.sockets import Shape

if TYPE_CHECKING:
    from s3open.testing.chunked import ChunkSigner
    from s3open.testing.request import Body, Request
    from s3open.testing.sockets import Wire
    from s3open.testing.state import State

# Smaller bodies take less time to sum than to hand to a thread.
_LARGE: Final = 1024 * 1024
# Up to here head and body leave with one call.
_SMALL: Final = 64 * 1024
_BODILESS: Final = frozenset({204, 304})


@dataclass
class Service:
    """What all connections share. *owner* is what callbacks of faults are given."""

    state: State
    owner: object
    counters: Counters = field(default_factory=Counters)
    faults: Faults = field(default_factory=Faults)
    shape: Shape = field(default_factory=Shape)


class ClosedError(Exception):
    """The connection is to be closed at once, or reset, whatever the client expects."""

    def __init__(self, *, reset: bool) -> None:
        super().__init__()
        self.reset = reset


class Exchange:
    """What becomes of one request."""

    def __init__(
        self, service: Service, wire: Wire, request: Request, connection: int
    ) -> None:
        self._unroutable: RefusalError | None = None
        try:
            route(request)
        except RefusalError as refusal:
            self._unroutable = refusal
        self._service = service
        self._wire = wire
        self._request = request
        self._record = service.counters.started(request, connection)
        self._fault = service.faults.striking(request)
        self._keep = request.keep_alive
        chunked = "chunked" in request.headers.get("transfer-encoding", "").lower()
        self._length = None if chunked else request.headers.get("content-length", "0")
        self._unread = self._length != "0"
        wire.incoming.bandwidth = wire.outgoing.bandwidth = service.shape.bandwidth

    async def run(self) -> bool:
        """Answer the request; return whether the connection may be used again."""
        if self._fault.drop == "before":
            raise ClosedError(reset=True)
        if self._fault.delay:
            await asyncio.sleep(self._fault.delay)
        try:
            answer = await self._execute()
        except RefusalError as refusal:
            answer = refused(refusal, self._request)
            self._tell_region(answer)
            # A body nobody has read would be taken for the next request.
            self._keep = self._keep and not self._unread
        if self._fault.drop == "after":
            raise ClosedError(reset=True)
        await self._send(answer)
        return self._keep

    def _tell_region(self, answer: Answer) -> None:
        """HeadBucket tells where a bucket is even to those it sends away."""
        bucket = self._service.state.store.buckets.get(self._request.bucket)
        if bucket is not None and self._request.operation == "HeadBucket":
            answer.headers["x-amz-bucket-region"] = bucket.region

    async def _execute(self) -> Answer:
        if self._unroutable:
            raise self._unroutable
        service, request, fault = self._service, self._request, self._fault
        with service.state.lock:
            signer = admit(service.state, request)
        request.forget({*service.state.settings.ignore, *fault.ignore})
        require_possible(request)
        if request.operation in OBJECT_BODIES:
            service.state.store.bucket(request.bucket)
        if not without_body(request):
            request.body = await self._receive(signer)
        fault.refuse()
        if fault.before:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, fault.before, service.owner)
        if fault.error_in_200:
            return error_in_200(fault.error_in_200)
        if fault.body is not None:
            return Answer(200, {"Content-Type": "text/html"}, fault.body)
        return execute(service.state, request)

    async def _receive(self, signer: ChunkSigner | None) -> Body:
        length = None if self._length is None else int(self._length)
        intake = Intake(self._service.state, self._request, length)
        if self._request.headers.get("expect", "").lower() == "100-continue":
            await self._wire.send(
                memoryview(b"HTTP/1.1 100 Continue\r\n\r\n"), _unheard
            )
        if length is None:
            await self._receive_chunks(intake)
        else:
            await self._receive_into(intake, length)
        self._unread = False
        if intake.size < _LARGE:
            return intake.finish(signer)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, intake.finish, signer)

    async def _receive_chunks(self, intake: Intake) -> None:
        while True:
            line = (await self._wire.line()).decode("latin-1")
            size = size_of_chunk(line.partition(";")[0].strip())
            if size is None:
                raise RefusalError("BadRequest")
            if not size:
                break
            await self._receive_into(intake, size)
            await self._wire.line()
        while await self._wire.line():
            pass

    async def _receive_into(self, intake: Intake, count: int) -> None:
        limit = self._fault.cut_request
        while count:
            view = intake.room()[:count]
            if limit is not None:
                view = view[: limit - intake.size]
                if not view:
                    raise ClosedError(reset=True)
            received = await self._wire.receive(view)
            self._service.counters.received(self._record, received)
            intake.received(received, self._fault.flip_request)
            count -= received

    async def _send(self, answer: Answer) -> None:
        fault = self._fault
        stall = fault.stall if fault.stall_after is None else 0.0
        if pause := self._service.shape.latency + stall:
            await asyncio.sleep(pause)
        self._record.status = answer.status
        head = head_of(answer, keep_alive=self._keep)
        if fault.cut_head is not None:
            await self._wire.send(memoryview(head)[: fault.cut_head], _unheard)
            raise ClosedError(reset=True)
        if self._request.method == "HEAD" or answer.status in _BODILESS:
            await self._wire.send(memoryview(head), _unheard)
        elif answer.size <= _SMALL and not fault.spoils_body:
            await self._send_at_once(head, bytes(answer.body))
        else:
            await self._wire.send(memoryview(head), _unheard)
            await self._send_body(answer)

    async def _send_at_once(self, head: bytes, body: bytes) -> None:
        self._sending(len(body))
        try:
            await self._wire.send(memoryview(head + body), _unheard)
        except OSError:
            self._sending(-len(body))
            raise

    async def _send_body(self, answer: Answer) -> None:
        fault = self._fault
        offset = 0
        for piece in pieces(answer, fault):
            if offset == fault.cut:
                raise ClosedError(reset=fault.reset)
            if offset == fault.stall_after:
                await asyncio.sleep(fault.stall)
            view = memoryview(bytes([piece[0] ^ 1])) if offset == fault.flip else piece
            await self._wire.send(view, self._sending)
            offset += len(piece)

    def _sending(self, count: int) -> None:
        self._service.counters.sent(self._record, count)


def _unheard(count: int) -> None:
    """Heads are not counted."""
