"""Files in coroutines: many at once, errors and cancellations, and who waits for whom.

The recipe is the one of `docs/how-to/asyncio.md`, which `tests.test_how_to` runs.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import anyio
import pytest

import s3open
from s3open.testing import Fault
from tests.test_how_to import blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing import ArmedFault, S3Server

BUCKET = "s3open-test"
LARGE = bytes(6 << 20)


def recipe() -> Any:
    [code] = [each for each in blocks("asyncio") if "@asynccontextmanager" in each]
    found: dict[str, Any] = {"asyncio": asyncio, "anyio": anyio, "s3open": s3open}
    exec(code.partition("\nasync def copy_lines")[0], found)
    return found["opened"]


opened = recipe()


@pytest.fixture
def name(s3open_server: S3Server, s3open_bucket: str, _private_recovery: None) -> str:
    s3open_server.put(s3open_bucket, "key", b"old")
    return f"s3://{s3open_bucket}/key"


def nothing_happened(server: S3Server) -> bool:
    return server.read(BUCKET, "key") == b"old" and server.uploads(BUCKET) == []


async def fail(name: str, content: bytes) -> None:
    async with opened(name, "wb") as file:
        await file.write(content)
        raise ZeroDivisionError


@pytest.mark.parametrize("content", [b"half", LARGE])
def test_an_error_publishes_nothing(
    name: str, s3open_server: S3Server, content: bytes
) -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(fail(name, content))
    assert nothing_happened(s3open_server)


async def cancelled(name: str, content: bytes) -> None:
    written = asyncio.Event()

    async def write() -> None:
        async with opened(name, "wb") as file:
            await file.write(content)
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def timed_out(name: str, content: bytes) -> None:
    with anyio.CancelScope() as scope:
        async with opened(name, "wb") as file:
            await file.write(content)
            scope.cancel()
            await anyio.sleep_forever()
    assert scope.cancelled_caught


@pytest.mark.parametrize("content", [b"half", LARGE])
@pytest.mark.parametrize("left", [cancelled, timed_out])
def test_a_cancellation_publishes_nothing(
    name: str, s3open_server: S3Server, content: bytes, left: Callable[..., Any]
) -> None:
    asyncio.run(left(name, content))
    assert nothing_happened(s3open_server)


async def cancelled_in_write(name: str, server: S3Server, writing: Any) -> None:
    started = asyncio.Event()
    loop = asyncio.get_running_loop()
    go_on = threading.Event()
    answered: list[bool] = []

    def wait(_: object) -> None:
        loop.call_soon_threadsafe(started.set)
        assert go_on.wait(10)
        answered.append(True)

    server.fault(Fault("CreateMultipartUpload", before=wait))
    task = asyncio.create_task(writing(name))
    await started.wait()
    task.cancel()
    loop.call_later(0, go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert answered


async def write_much(name: str) -> None:
    async with opened(name, "wb") as file:
        for _ in range(10):
            await file.write(LARGE)


def test_a_write_that_is_under_way_is_cancelled(
    name: str, s3open_server: S3Server
) -> None:
    asyncio.run(cancelled_in_write(name, s3open_server, write_much))
    assert nothing_happened(s3open_server)


async def publish_and_count(name: str, server: S3Server) -> int:
    """Have the store wait for the event loop, which must not wait for the store."""
    loop = asyncio.get_running_loop()
    turns = 0

    async def turn() -> None:
        nonlocal turns
        turns += 1

    def ask_the_loop(_: object) -> None:
        asyncio.run_coroutine_threadsafe(turn(), loop).result(10)

    server.fault(Fault("PutObject", before=ask_the_loop))
    server.fault(Fault("GetObject", before=ask_the_loop))
    async with opened(name, "wb") as file:
        await file.write(b"new")
    async with opened(name) as file:
        assert await file.read() == "new"
    return turns


def test_the_loop_goes_on_while_a_file_is_opened_and_published(
    name: str, s3open_server: S3Server
) -> None:
    assert asyncio.run(publish_and_count(name, s3open_server)) == 2


async def copy_all(folder: str, count: int) -> None:
    async def copy(number: int) -> None:
        source = f"{folder}/in/{number}"
        async with (
            opened(source) as lines,
            opened(f"{folder}/out/{number}", "w") as out,
        ):
            async for line in lines:
                await out.write(line)

    await asyncio.gather(*(copy(number) for number in range(count)))


def test_many_files_at_once_take_a_request_each(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    for number in range(30):
        s3open_server.put(s3open_bucket, f"in/{number}", b"line %d\n" % number * 5)
    with s3open_server.counting() as tally:
        asyncio.run(copy_all(f"s3://{s3open_bucket}", 30))
    assert tally.operations == {"GetObject": 30, "PutObject": 30}
    for number in range(30):
        copied = s3open_server.read(s3open_bucket, f"out/{number}")
        assert copied == b"line %d\n" % number * 5


def test_a_function_in_a_thread_is_cancelled_in_vain(
    name: str, s3open_server: S3Server, s3open_fault: Callable[..., ArmedFault]
) -> None:
    """As the page says: it goes on, and publishes all of it."""

    async def give_up() -> None:
        started = asyncio.Event()
        loop = asyncio.get_running_loop()
        s3open_fault(
            "PutObject", before=lambda _: loop.call_soon_threadsafe(started.set)
        )
        task = asyncio.create_task(
            asyncio.to_thread(s3open.write_bytes, name, b"all of it")
        )
        await started.wait()
        task.cancel()

    asyncio.run(give_up())
    assert s3open_server.read(BUCKET, "key") == b"all of it"
