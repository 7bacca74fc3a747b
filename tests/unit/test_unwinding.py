"""Whether a with block is being left by an exception, right now."""

import asyncio
import contextlib
import io
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from types import TracebackType

import pytest

from s3open.files.unwinding import blocks_failing


def leaving_with() -> bool:
    return blocks_failing() > 0


class Witness:
    """Notes what `leaving_with` says while it is being closed."""

    def __init__(self) -> None:
        self.said: list[bool] = []

    def close(self) -> None:
        self.said.append(leaving_with())

    def __enter__(self) -> "Witness":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class RawWitness(io.RawIOBase):
    """A raw file that notes what `leaving_with` says while it is being closed."""

    def __init__(self) -> None:
        self.said: list[bool] = []

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self.said.append(leaving_with())
        super().close()


class Wrapper:
    """Closes what is below it, as zipfile does: ``__exit__`` calls its own close."""

    def __init__(self, below: Witness) -> None:
        self._below = below

    def __enter__(self) -> "Wrapper":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._below.close()


@contextlib.contextmanager
def generated(witness: Witness) -> Iterator[None]:
    try:
        yield
    finally:
        witness.close()


def pushed(witness: Witness) -> contextlib.ExitStack:
    stack = contextlib.ExitStack()
    stack.push(witness)
    stack.enter_context(contextlib.nullcontext())
    return stack


def called_back(witness: Witness) -> contextlib.ExitStack:
    stack = contextlib.ExitStack()
    stack.callback(witness.close)
    return stack


WRAPPERS: list[Callable[[Witness], contextlib.AbstractContextManager[object]]] = [
    lambda witness: witness,
    Wrapper,
    contextlib.closing,
    generated,
    pushed,
    called_back,
    lambda witness: contextlib.closing(Wrapper(witness)),
]


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_block_left_by_an_exception_is_told(
    wrapper: Callable[[Witness], contextlib.AbstractContextManager[object]],
) -> None:
    witness = Witness()
    with contextlib.suppress(ZeroDivisionError), wrapper(witness):
        1 / 0  # noqa: B018
    assert witness.said == [True]


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_block_left_in_peace_is_not(
    wrapper: Callable[[Witness], contextlib.AbstractContextManager[object]],
) -> None:
    witness = Witness()
    with wrapper(witness):
        pass
    assert witness.said == [False]


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("way", ["return", "break", "continue"])
def test_a_block_left_by_a_jump_is_not(
    wrapper: Callable[[Witness], contextlib.AbstractContextManager[object]], way: str
) -> None:
    witness = Witness()

    def leave() -> None:
        for _ in range(1):
            with wrapper(witness):
                if way == "return":
                    return
                if way == "break":
                    break
                continue

    leave()
    assert witness.said == [False]


BUFFERS: list[Callable[[RawWitness], io.IOBase]] = [
    io.BufferedWriter,
    io.BufferedReader,
    lambda raw: io.TextIOWrapper(io.BufferedWriter(raw)),
]


@pytest.mark.parametrize("layer", BUFFERS)
def test_an_exit_that_is_written_in_c_is_told(
    layer: Callable[[RawWitness], io.IOBase],
) -> None:
    raw = RawWitness()
    with contextlib.suppress(ZeroDivisionError), layer(raw):
        1 / 0  # noqa: B018
    assert raw.said == [True]
    raw = RawWitness()
    with layer(raw):
        pass
    assert raw.said == [False]


def test_an_exit_in_pure_python_of_the_standard_library_is_told() -> None:
    raw = RawWitness()
    wrapper = tempfile._TemporaryFileWrapper(io.BufferedWriter(raw), "", delete=False)
    with contextlib.suppress(ZeroDivisionError), wrapper:
        1 / 0  # noqa: B018
    assert raw.said == [True]


def test_an_outer_block_that_is_left_is_told_to_all_it_closes() -> None:
    witness = Witness()
    with (
        contextlib.suppress(ZeroDivisionError),
        Wrapper(witness),
        contextlib.nullcontext(),
    ):
        1 / 0  # noqa: B018
    assert witness.said == [True]


def test_a_close_in_an_except_clause_is_not() -> None:
    witness = Witness()
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError:
        witness.close()
        with Wrapper(witness):
            pass
    assert witness.said == [False, False]


def test_a_close_in_a_finally_clause_is_not() -> None:
    witness = Witness()
    try:
        with contextlib.suppress(ZeroDivisionError):
            1 / 0  # noqa: B018
    finally:
        witness.close()
    try:
        try:
            1 / 0  # noqa: B018
        finally:
            witness.close()
    except ZeroDivisionError:
        pass
    assert witness.said == [False, False]


def test_a_plain_call_is_not() -> None:
    assert not leaving_with()
    assert not (lambda: leaving_with())()


def test_after_the_block_it_is_over() -> None:
    with contextlib.suppress(ZeroDivisionError), contextlib.nullcontext():
        1 / 0  # noqa: B018
    assert not leaving_with()


def test_another_thread_s_block_is_none_of_ours() -> None:
    witness = Witness()

    class Starter(Witness):
        def close(self) -> None:
            super().close()
            thread = threading.Thread(target=witness.close)
            thread.start()
            thread.join()

    starter = Starter()
    with contextlib.suppress(ZeroDivisionError), starter:
        1 / 0  # noqa: B018
    assert starter.said == [True]
    assert witness.said == [False]


def test_a_generator_that_is_resumed_while_a_block_is_left_is_told() -> None:
    witness = Witness()

    def closing() -> Iterator[None]:
        witness.close()
        yield

    class Resumes(Witness):
        def close(self) -> None:
            next(closing())

    with contextlib.suppress(ZeroDivisionError), Resumes():
        1 / 0  # noqa: B018
    assert witness.said == [True]


class AsyncWrapper:
    """Closes what is below it at the end of an ``async with`` block."""

    def __init__(self, below: Witness, *, suspends: bool) -> None:
        self._below = below
        self._suspends = suspends

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        if self._suspends:
            await asyncio.sleep(0)
        self._below.close()


@pytest.mark.parametrize("suspends", [False, True])
def test_an_async_block_left_by_an_exception_is_told(suspends: bool) -> None:
    witness = Witness()

    async def leave(divisor: int) -> None:
        with contextlib.suppress(ZeroDivisionError):
            async with AsyncWrapper(witness, suspends=suspends):
                1 / divisor

    async def close_while_handling() -> None:
        try:
            1 / 0  # noqa: B018
        except ZeroDivisionError:
            await asyncio.sleep(0)
            witness.close()

    for coroutine in (leave(0), leave(1), close_while_handling()):
        asyncio.run(coroutine)
    assert witness.said == [True, False, False]


def test_a_traced_program_is_told_as_well() -> None:
    # Debuggers and coverage replace instructions.
    witness = Witness()
    before = sys.gettrace()
    sys.settrace(lambda *_: None)
    try:
        with contextlib.suppress(ZeroDivisionError), Wrapper(witness):
            1 / 0  # noqa: B018
        witness.close()
    finally:
        sys.settrace(before)
    assert witness.said == [True, False]


def test_a_program_that_runs_hot_is_told_as_well() -> None:
    # The interpreter specialises what runs often.
    witness = Witness()

    def leave(fail: bool) -> None:
        with contextlib.suppress(ZeroDivisionError), Wrapper(witness):
            1 / (0 if fail else 1)

    for number in range(300):
        leave(number % 3 == 0)
    assert witness.said == [number % 3 == 0 for number in range(300)]
