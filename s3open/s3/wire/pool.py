"""Connections that are kept for the next request.

As many as are needed at once are made, a bounded number stays. A child forked off
leaves the parent's alone.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from s3open.config import SIDE_BY_SIDE
from s3open.s3.wire import connection as connections
from s3open.s3.wire.payload import Payload

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.contract import Pieces
    from s3open.s3.wire.connection import Connection, Head, Peer

_IDLE: Final = SIDE_BY_SIDE
# S3 hangs up after some 20 s. What is silent for longer than this may have been
# forgotten by something on the way, which then answers nothing at all.
_AGE: Final = 50.0


class Reply(NamedTuple):
    """An answer; *resent* says that an earlier connection may have brought it, too.

    *heard* says that whoever answered had told whether it wants the body, if asked.
    """

    head: Head
    payload: Payload
    resent: bool
    heard: bool


class UnreachableError(ConnectionError):
    """No connection could be made, so nothing was sent; the cause says why.

    *resent* says that something was sent before.
    """

    resent = False


class Pool:
    """Exchanges requests for answers. Thread-safe; *connect* makes connections."""

    def __init__(self, connect: Callable[[Peer], Connection]) -> None:
        self._connect = connect
        self._begin()

    def exchange(
        self,
        peer: Peer,
        head: bytes,
        body: Pieces,
        size: int,
        *,
        bodiless: bool,
        asking: bool = False,
    ) -> Reply:
        """Send a request to *peer* and return how it is answered. Raises OSError.

        The body has *size* bytes; its answer is *bodiless* if that was to a HEAD. The
        head is *asking* if it says to wait with the body until that is wanted. An
        idle connection that turns out to be closed is replaced, and the request sent
        again, if nothing of an answer had come.
        """
        resent = False
        connection = self._idle_one(peer)
        while True:
            if connection is None:
                connection = self._new(peer, resent=resent)
            try:
                answer = connection.exchange(head, body, size, asking=asking)
                payload = Payload(connection, answer, self._release, bodiless=bodiless)
                return Reply(answer, payload, resent, connection.heard)
            except connections.BrokenError as error:
                connection.close()
                if not (connection.used and error.silent) or resent:
                    raise
                connection, resent = None, True
            except BaseException:
                connection.close()
                raise

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._idle: deque[Connection] = deque()
        self._process = os.getpid()

    def close(self) -> None:
        """Close the idle connections; those in use are kept once they are idle."""
        if self._process != os.getpid():
            self._begin()
        with self._lock:
            idle, self._idle = self._idle, deque()
        for connection in idle:
            connection.close()

    def _new(self, peer: Peer, *, resent: bool) -> Connection:
        try:
            return self._connect(peer)
        except OSError as error:
            unreachable = UnreachableError(
                f"no connection to {peer.host}:{peer.port}: {error}"
            )
            unreachable.resent = resent
            raise unreachable from error

    def _idle_one(self, peer: Peer) -> Connection | None:
        """Return the connection to *peer* that was used last, if it is still open."""
        if self._process != os.getpid():
            self._begin()
        while True:
            connection = self._pop(peer)
            if connection is None:
                return None
            fresh = time.monotonic() - connection.idle_since < _AGE
            if fresh and connection.is_quiet():
                return connection
            connection.close()

    def _pop(self, peer: Peer) -> Connection | None:
        with self._lock:
            for place in range(len(self._idle) - 1, -1, -1):
                connection = self._idle[place]
                if connection.peer == peer:
                    del self._idle[place]
                    return connection
        return None

    def _release(self, connection: Connection) -> None:
        """Keep *connection*, the newest, in place of the oldest if need be."""
        if not connection.keep or self._process != os.getpid() or not connection.ours:
            connection.close()
            return
        connection.idle_since = time.monotonic()
        surplus = None
        with self._lock:
            self._idle.append(connection)
            if len(self._idle) > _IDLE:
                surplus = self._idle.popleft()
        if surplus is not None:
            surplus.close()
