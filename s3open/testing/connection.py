"""One connection, request after request."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from s3open.testing.errors import RefusalError
from s3open.testing.exchange import ClosedError, Exchange
from s3open.testing.operations import refused
from s3open.testing.replies import head_of
from s3open.testing.request import parse
from s3open.testing.sockets import Wire

if TYPE_CHECKING:
    from s3open.testing.exchange import Service

# How long a client may take to notice that the connection has ended.
_GOODBYE: Final = 2.0


async def serve(service: Service, sock: socket.socket, number: int) -> None:
    """Answer all that comes over *sock*, and close it."""
    wire = Wire(sock)
    try:
        while await _serve_one(service, wire, number):
            pass
        await asyncio.wait_for(wire.drain(), _GOODBYE)
    except ClosedError as closed:
        if closed.reset:
            wire.abort()
    except (OSError, asyncio.TimeoutError):
        pass  # The client has gone, which is its right.
    finally:
        # A process forked off meanwhile holds the socket too: closing alone would not
        # end the connection.
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        sock.close()


async def _serve_one(service: Service, wire: Wire, number: int) -> bool:
    try:
        head = await wire.head()
        if head is None:
            return False
        request = parse(head)
    except RefusalError as refusal:
        answer = refused(refusal, None)
        text = head_of(answer, keep_alive=False) + bytes(answer.body)
        await wire.send(memoryview(text), lambda _: None)
        return False
    return await Exchange(service, wire, request, number).run()
