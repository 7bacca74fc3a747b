"""Files and threads: one file for many, a file for each, and a loop that goes on."""

from __future__ import annotations

import asyncio
import io
import threading
from itertools import chain
from typing import TYPE_CHECKING, Any

import anyio
import pytest

import s3open
from s3open import Config
from s3open.reading import pace
from s3open.testing import S3Server
from tests.fakes import KIB, MIB, FakeStore, Fault, pattern
from tests.unit.writers import URI

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECORD = 50
RECORDS = [b"%049d\n" % number for number in range(100_000)]
CONTENT = b"".join(RECORDS)
# So that blocks are dropped, fetched again and spilled meanwhile.
SMALL = Config(memory=2 * MIB, connections=4)


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server() as server:
        server.create_bucket("sharing")
        yield server


@pytest.fixture
def config(server: S3Server) -> Config:
    return Config(
        endpoint_url=server.endpoint_url,
        region=server.region,
        access_key=server.access_key,
        secret_key=server.secret_key,
    )


def at_once(count: int, action: Callable[[int], object]) -> list[Any]:
    """Return what *action* returns in each of *count* threads, by their number.

    Raises what one of them raises.
    """
    barrier = threading.Barrier(count)
    results: dict[int, Any] = {}

    def run(number: int) -> None:
        try:
            barrier.wait(30)
            results[number] = action(number)
        except BaseException as error:
            results[number] = error

    workers = [threading.Thread(target=run, args=(each,)) for each in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert not worker.is_alive()
    for result in results.values():
        if isinstance(result, BaseException):
            raise result
    return [results[number] for number in range(count)]


@pytest.mark.parametrize("slow", [True, False])
@pytest.mark.parametrize("buffering", [0, -1, 70])
def test_each_byte_goes_to_one_of_the_threads_that_read_one_file(
    store: FakeStore, buffering: int, slow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if slow:
        monkeypatch.setattr(pace, "_FAST", float("inf"))
    content = CONTENT[: len(CONTENT) // (20 if buffering == 0 else 1)]
    store.add("k", content)
    store.step = 64 * KIB
    with s3open.open(URI, "rb", buffering, config=SMALL) as file:

        def take(_: int) -> list[bytes]:
            return list(iter(lambda: bytes(file.read(RECORD)), b""))

        taken = at_once(8, take)
    # As of a builtin file: no record is torn, none comes twice, each thread goes on.
    assert all(records == sorted(records) for records in taken)
    assert sorted(chain(*taken)) == RECORDS[: len(content) // RECORD]


@pytest.mark.parametrize("buffering", [0, -1])
def test_what_threads_write_to_one_file_is_there_once_and_whole(
    store: FakeStore, buffering: int
) -> None:
    with s3open.open(URI, "wb", buffering, config=SMALL) as file:

        def put(number: int) -> None:
            for record in RECORDS[number * 500 : number * 500 + 500]:
                assert file.write(record) == RECORD

        at_once(8, put)
    body = store.objects["k"].body
    found = [body[start : start + RECORD] for start in range(0, len(body), RECORD)]
    assert sorted(found) == RECORDS[:4000]


@pytest.mark.parametrize("buffering", [0, -1])
def test_who_closes_a_file_waits_for_its_reader(
    store: FakeStore, buffering: int
) -> None:
    store.add("k", CONTENT)
    reached, gate = threading.Event(), threading.Event()

    def wait() -> None:
        reached.set()
        gate.wait(30)

    store.plan("get_object", 2, Fault(first=wait))
    file: Any = s3open.open(URI, "rb", buffering)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(bytes(file.read())))
    reader.start()
    assert reached.wait(30)
    closer = threading.Thread(target=file.close)
    closer.start()
    assert not file.closed
    gate.set()
    reader.join(30)
    closer.join(30)
    assert file.closed
    assert found == [CONTENT]


def test_sixty_four_threads_have_a_file_each(server: S3Server, config: Config) -> None:
    def work(number: int) -> bool:
        content, uri = pattern(300 * KIB, number), f"s3://sharing/each-{number}"
        with s3open.open(uri, "wb", config=config) as file:
            for start in range(0, len(content), 64 * KIB):
                file.write(content[start : start + 64 * KIB])
        with s3open.open(uri, "rb", config=config) as file:
            whole = file.read() == content
            file.seek(1000)
            return whole and file.read(1000) == content[1000:2000]

    before = set(threading.enumerate())
    assert at_once(64, work) == [True] * 64
    made = [each.name for each in set(threading.enumerate()) - before]
    assert made.count("s3open") <= 64


def test_sixty_four_threads_read_large_objects(
    server: S3Server, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each would like more threads than there are for all of them.
    monkeypatch.setattr(pace, "_FAST", float("inf"))
    content = pattern(4 * MIB)
    server.put("sharing", "large", content)

    def work(number: int) -> bool:
        with s3open.open("s3://sharing/large", "rb", config=config) as file:
            file.seek(number * KIB)
            return file.read() == content[number * KIB :]

    assert at_once(64, work) == [True] * 64


def test_files_are_used_from_within_a_running_loop(
    server: S3Server, config: Config
) -> None:
    async def copy(number: int) -> bool:
        uri, content = f"s3://sharing/loop-{number}", pattern(100 * KIB, number)
        file = await asyncio.to_thread(s3open.open, uri, "wb", config=config)
        await asyncio.to_thread(file.write, content)
        await asyncio.to_thread(file.close)
        # And in the loop itself, which needs nothing of ours.
        with s3open.open(uri, "rb", config=config) as plain:
            there = plain.read(10)
            rest = await asyncio.to_thread(plain.read)
        return there + rest == content

    async def main() -> list[bool]:
        return await asyncio.gather(*(copy(number) for number in range(12)))

    assert asyncio.run(main()) == [True] * 12


def test_anyio_wraps_a_file(server: S3Server, config: Config) -> None:
    lines = [f"{number}äöü\n" for number in range(2000)]

    async def main() -> None:
        wrapped: Any
        opened: Any = s3open.open("s3://sharing/lines", "w", config=config)
        async with anyio.wrap_file(opened) as wrapped:
            await wrapped.writelines(lines)
            await wrapped.flush()
        assert server.read("sharing", "lines") == "".join(lines).encode()

        opened = s3open.open("s3://sharing/lines", config=config)
        wrapped = anyio.wrap_file(opened)
        assert [line async for line in wrapped] == lines
        assert await wrapped.seek(0) == 0
        assert await wrapped.readline() == lines[0]
        assert await wrapped.read() == "".join(lines[1:])
        await wrapped.aclose()
        assert opened.closed
        with pytest.raises(ValueError, match="closed file"):
            await wrapped.read(1)

        opened = s3open.open("s3://sharing/lines", "rb", config=config)
        async with anyio.wrap_file(opened) as wrapped:
            await wrapped.seek(-3, io.SEEK_END)
            buffer = bytearray(5)
            assert await wrapped.readinto(buffer) == 3
            assert await wrapped.tell() == len("".join(lines).encode())
        assert opened.closed

    anyio.run(main)


def test_many_tasks_read_one_file_through_anyio(store: FakeStore) -> None:
    store.add("k", CONTENT[: 2000 * RECORD])
    taken: list[bytes] = []

    async def take(wrapped: Any) -> None:
        while record := await wrapped.read(RECORD):
            taken.append(record)

    async def main() -> None:
        opened: Any = s3open.open(URI, "rb")
        async with anyio.wrap_file(opened) as wrapped:
            async with anyio.create_task_group() as group:
                for _ in range(5):
                    group.start_soon(take, wrapped)

    anyio.run(main)
    assert sorted(taken) == RECORDS[:2000]
