"""What the server gives a client that does nothing but move bytes over sockets.

Where a peer comes near the most of them, it is the server that is measured. A single
connection can do better than here: how often a client wakes up matters as much.
"""

from __future__ import annotations

import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from benchmarks.partner import Partner, answer, pin, question
from benchmarks.workloads import BUCKET, MIB, PROFILES, STEP

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from benchmarks.server import Server

_PART = 8 * MIB
# Profile, connections, parts for each of them.
_CASES = (("raw", 1, 64), ("raw", 4, 16), ("s3like", 16, 8), ("s3like", 32, 8))


def ceilings(server: Server, cores: Collection[int]) -> Iterator[dict[str, Any]]:
    """Yield bytes per second by profile, connections and direction."""
    server.make("ceiling", _PART)
    with Partner("benchmarks.ceiling", server.environment) as partner:
        for profile, connections, parts in _CASES:
            server.shape(PROFILES[profile])
            for direction in ("GET", "PUT"):
                job = [list(cores), direction, connections, parts]
                yield {
                    "profile": profile,
                    "connections": connections,
                    "direction": direction,
                    **partner.ask(job),
                }


def _measure(direction: str, connections: int, parts: int) -> dict[str, float]:
    place = urlsplit(os.environ["AWS_ENDPOINT_URL"])
    address = (place.hostname or "", place.port or 0)
    move: Callable[[socket.socket, bytearray], None]
    move = _get if direction == "GET" else partial(_put, place.netloc)

    def run(_: int) -> None:
        buffer = bytearray(STEP)
        with socket.create_connection(address) as sock:
            for _ in range(parts):
                move(sock, buffer)

    wall, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(run, range(connections)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    size = connections * parts * _PART
    return {"rate": size / wall, "cpu": cpu / size * 1e9}


def _get(sock: socket.socket, buffer: bytearray) -> None:
    sock.sendall(f"GET /{BUCKET}/ceiling HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    got = _after_head(sock, buffer)
    while got < _PART:
        got += sock.recv_into(buffer)


def _put(netloc: str, sock: socket.socket, buffer: bytearray) -> None:
    head = f"PUT /{BUCKET}/written HTTP/1.1\r\nHost: {netloc}\r\nContent-Length: "
    sock.sendall(f"{head}{_PART}\r\n\r\n".encode())
    for _ in range(_PART // STEP):
        sock.sendall(buffer)
    _after_head(sock, buffer)


def _after_head(sock: socket.socket, buffer: bytearray) -> int:
    """Receive an answer's head; return how much of the body came with it."""
    got = 0
    view = memoryview(buffer)
    while True:
        count = sock.recv_into(view[got:])
        if not count:
            raise ConnectionError("the server has hung up")
        got += count
        end = buffer.find(b"\r\n\r\n", 0, got)
        if end >= 0:
            if b" 200 " not in buffer[:end]:
                raise ConnectionError(bytes(buffer[:got]).decode("latin-1"))
            return got - end - 4


def _serve() -> None:
    while (job := question()) is not None:
        cores, direction, connections, parts = job
        pin(cores)
        answer(_measure(direction, connections, parts))


if __name__ == "__main__":
    _serve()
