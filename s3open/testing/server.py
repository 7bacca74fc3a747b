"""The server: its life, its settings, and what tests may ask of it directly."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Final

from s3open.testing.connection import serve
from s3open.testing.direct import DirectAccess
from s3open.testing.environment import environment
from s3open.testing.exchange import Service
from s3open.testing.signature import Credential
from s3open.testing.sockets import Shape
from s3open.testing.state import Settings, State

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Collection, Iterator
    from contextlib import AbstractContextManager
    from types import TracebackType

    from typing_extensions import Self

    from s3open.testing.counters import Record, Tally
    from s3open.testing.faults import ArmedFault, Fault

_BACKLOG: Final = 1024


class S3Server(DirectAccess):
    """A strict S3 in memory, on a socket of 127.0.0.1, in a thread of its own.

    Use it as a context manager, or `start` and `stop` it. All its methods are safe
    from any thread, at any time.

    Args:
        port: TCP port; 0 takes a free one.
        region: where the server claims to be; signatures must agree.
        access_key: the one key that is known from the start.
        secret_key: its secret.
        anonymous: whether unsigned requests are allowed everywhere.
        md5_etags: False gives ETags that mean nothing, as S3 does with SSE-KMS.
        keep_bodies: False counts and verifies uploads but forgets their bytes; what
            is read back is synthetic.
        min_part_size: of all parts but the last; S3 insists on 5 MiB.
        ignore: request headers this store does not know, see `Fault`.

    What a test asks of it, past HTTP:

    | to | there is |
    | --- | --- |
    | put things there | `create_bucket`, `put`, `synthetic` (of any size) |
    | look | `read`, `head`, `keys`, `uploads` |
    | take away | `delete`, `forget_uploads`, `reset` |
    | forbid | `deny`, `bucket_listing`, `bucket_anonymous`, `add_credentials` |
    | count | `requests`, `counts`, `counting` |
    | have things go wrong | `fault`, `faulty`, `faults_fired`, `disconnect` |
    | slow it down | `shape` |

        >>> server.create_bucket("rights")
        >>> etag = server.put("rights", "kept/key", b"text")
        >>> server.deny("DeleteObject", "rights", key_prefix="kept/")
        >>> s3open.rm("s3://rights/kept/key")
        Traceback (most recent call last):
        ...
        s3open.coded.AccessDenied: [Errno 13] Permission denied (AccessDenied: ...
    """

    def __init__(  # noqa: PLR0913 - settings, each of them optional
        self,
        *,
        port: int = 0,
        region: str = "us-east-1",
        access_key: str = "s3open",
        secret_key: str = "s3open-secret",
        anonymous: bool = False,
        md5_etags: bool = True,
        keep_bodies: bool = True,
        min_part_size: int = 5 * 1024 * 1024,
        ignore: Collection[str] = (),
    ) -> None:
        self.host: Final = "127.0.0.1"
        self.region: Final = region
        self.access_key: Final = access_key
        self.secret_key: Final = secret_key
        self._wanted_port = port
        settings = Settings(
            region, anonymous, md5_etags, keep_bodies, min_part_size, frozenset(ignore)
        )
        super().__init__(State(settings))
        self._service = Service(self._state, self)
        self._key = Credential(access_key, secret_key)
        self._state.reset(self._key)
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._numbers = count(1)

    @property
    def port(self) -> int:
        """The port in use; RuntimeError unless started."""
        if self._listener is None:
            raise RuntimeError("the server is not running")
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def endpoint_url(self) -> str:
        """Where it listens; RuntimeError unless started."""
        return f"http://{self.host}:{self.port}"

    @property
    def shape(self) -> Shape:
        """How slow the server is to be, from the next request on."""
        return self._service.shape

    @shape.setter
    def shape(self, shape: Shape) -> None:
        self._service.shape = shape

    def environment(self) -> dict[str, str]:
        """Return the variables that make AWS clients use this server and no other."""
        return environment(
            self.endpoint_url, self.region, self.access_key, self.secret_key
        )

    def start(self) -> None:
        """Listen; connections are accepted when this returns."""
        if self._thread is not None:
            raise RuntimeError("the server is running")
        self._listener = socket.create_server(
            (self.host, self._wanted_port), backlog=_BACKLOG
        )
        self._listener.setblocking(False)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._run, args=(self._loop, self._listener), daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close all connections and wait until nothing is left."""
        if self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._thread = self._loop = self._listener = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def reset(self) -> None:
        """Begin anew: no buckets, faults or counts, no connections, full speed."""
        self.disconnect()
        self._state.reset(self._key)
        self._service.faults.clear()
        self._service.counters.reset()
        self.shape = Shape()

    def disconnect(self) -> None:
        """Close all connections, whatever they are doing."""
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result()

    @property
    def requests(self) -> list[Record]:
        """The last 10,000 requests in the order in which they began."""
        return self._service.counters.all.records

    def counts(self) -> Counter[str]:
        """Return the number of requests by operation."""
        return self._service.counters.all.operations

    def counting(self) -> AbstractContextManager[Tally]:
        """Count the requests that come during a ``with`` block.

        >>> server.create_bucket("counted")
        >>> with server.counting() as tally:
        ...     with s3open.open("s3://counted/key", "w") as file:
        ...         _ = file.write("12345")
        >>> tally.total, tally.bytes_in, [each.status for each in tally.records]
        (1, 5, [200])
        """
        return self._service.counters.counting()

    def fault(self, fault: Fault) -> ArmedFault:
        """Put *fault* in force until it is removed or has struck all its times.

        A request is hit by one fault at most: the oldest in force that fits.
        """
        return self._service.faults.arm(fault)

    @contextmanager
    def faulty(self, fault: Fault) -> Iterator[ArmedFault]:
        """Put *fault* in force during a ``with`` block."""
        armed = self.fault(fault)
        try:
            yield armed
        finally:
            armed.remove()

    @property
    def faults_fired(self) -> int:
        """The number of requests hit by any fault."""
        return self._service.faults.fired

    def _run(self, loop: asyncio.AbstractEventLoop, listener: socket.socket) -> None:
        asyncio.set_event_loop(loop)
        accepting = loop.create_task(self._accept(listener))
        try:
            loop.run_forever()
            accepting.cancel()
            loop.run_until_complete(
                asyncio.gather(accepting, self._hang_up(), return_exceptions=True)
            )
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            listener.close()
            loop.close()

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            sock, _ = await loop.sock_accept(listener)
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = loop.create_task(serve(self._service, sock, next(self._numbers)))
            self._connections.add(task)
            task.add_done_callback(partial(self._ended, sock))

    def _ended(self, sock: socket.socket, task: asyncio.Task[None]) -> None:
        self._connections.discard(task)
        # A task cancelled before its first step has closed nothing.
        sock.close()
        error = None if task.cancelled() else task.exception()
        if error is not None and self._loop is not None:
            context = {"message": "a connection failed", "exception": error}
            self._loop.call_exception_handler(context)

    async def _hang_up(self) -> None:
        connections = list(self._connections)
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
