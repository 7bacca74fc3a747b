"""Random operations on a file of ours and on a local one of builtin's: no difference.

Both have buffers of the same size, so that even `peek` and `read1`, whose results
depend on it, have to agree. The same examples are tried every time; with
S3OPEN_EXAMPLES=5000 in the environment so many new ones per test.
"""

from __future__ import annotations

import itertools
import os
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3open import Config
from tests.stores import (
    MIB,
    LocalStore,
    S3Store,
    builtin_any,
    open_any,
    outcome,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.stores import Endpoint

_EXAMPLES = os.environ.get("S3OPEN_EXAMPLES")
DEFAULT_BUFFER = 128 << 10
LARGE = random.Random(0).randbytes(5 * MIB)


def examples(count: int) -> settings:
    return settings(
        max_examples=int(_EXAMPLES or count),
        deadline=None,
        derandomize=_EXAMPLES is None,
        database=None,
    )


# An operation is its name and its argument.
Operation = tuple[str, Any]


@dataclass(frozen=True)
class Plan:
    """How a file is opened, what is in it before, and what is done with it."""

    mode: str
    buffering: int
    old: bytes
    text: dict[str, Any]
    operations: list[Operation]


class Twins:
    """Runs plans on an S3 store and on local files and compares."""

    def __init__(self, ours: S3Store, builtin: LocalStore, config: Config) -> None:
        self._ours = ours
        self._builtin = builtin
        self._config = config

    def run(self, plan: Plan) -> None:
        key = "file"
        for store in (self._ours, self._builtin):
            if "x" in plan.mode:
                store.delete(key)
            else:
                store.put(key, plan.old)
        buffering = plan.buffering
        ours = open_any(
            self._ours.name(key), plan.mode, buffering, **plan.text, config=self._config
        )
        if buffering == -1:
            buffering = DEFAULT_BUFFER
        builtin = builtin_any(
            self._builtin.name(key), plan.mode, buffering, **plan.text
        )
        places: tuple[list[int], list[int]] = ([], [])
        with builtin, ours:
            for operation in plan.operations:
                got = outcome(perform, ours, operation, places[0])
                wanted = outcome(perform, builtin, operation, places[1])
                compare(got, wanted, operation)
        compare(self._ours.read(key), self._builtin.read(key), "published")


def compare(got: object, wanted: object, of: object) -> None:
    """Fail if the two differ. (pytest's assert takes minutes to show megabytes.)"""
    if got != wanted:
        pytest.fail(f"{of!r:.200} gave {got!r:.300} instead of {wanted!r:.300}")


def perform(file: Any, operation: Operation, places: list[int]) -> object:
    """Do *operation*; what a text file's `tell` says goes to *places*, unseen.

    (It is opaque: nothing but `seek` understands it.)
    """
    name, argument = operation
    if name == "mark":
        places.append(file.tell())
        return None
    if name == "return":
        if places:
            file.seek(places[argument % len(places)])
        return None
    return OPERATIONS[name](file, argument)


def _write_at(file: Any, where: tuple[int, int]) -> object:
    offset, size = where
    file.seek(offset)
    return file.write(random.Random(size).randbytes(size))


def _read_at(file: Any, where: tuple[int, int]) -> object:
    offset, size = where
    return file.seek(offset), file.read(size), file.tell()


def _cut(file: Any, eighths: int) -> object:
    """Cut a part off; the position stays at the old end, so that a hole may follow."""
    return file.truncate(file.seek(0, os.SEEK_END) * eighths // 8)


def _readinto(file: Any, size: int, method: str = "readinto") -> object:
    buffer = bytearray(size)
    return getattr(file, method)(buffer), bytes(buffer)


OPERATIONS: dict[str, Callable[[Any, Any], object]] = {
    "read": lambda file, size: file.read(size),
    "read all": lambda file, _: file.read(),
    "read1": lambda file, size: file.read1(size),
    "readinto": _readinto,
    "readinto1": lambda file, size: _readinto(file, size, "readinto1"),
    "peek": lambda file, size: file.peek(size),
    "readline": lambda file, size: file.readline(size),
    "readlines": lambda file, hint: file.readlines(hint),
    "iterate": lambda file, count: list(itertools.islice(file, count)),
    "write": lambda file, data: file.write(data),
    "write random": lambda file, size: file.write(random.Random(size).randbytes(size)),
    "write at": _write_at,
    "read at": _read_at,
    "writelines": lambda file, lines: file.writelines(lines),
    "seek": lambda file, target: file.seek(*target),
    "tell": lambda file, _: file.tell(),
    "truncate": lambda file, size: file.truncate(size),
    "cut": _cut,
    "flush": lambda file, _: file.flush(),
    "newlines": lambda file, _: file.newlines,
    "reconfigure": lambda file, options: file.reconfigure(**options),
}


def operation(name: str, argument: st.SearchStrategy[Any]) -> Any:
    return st.tuples(st.just(name), argument)


NOTHING = st.none()
EIGHTHS = st.integers(0, 9)


def binary_operations(
    sizes: st.SearchStrategy[int], offsets: st.SearchStrategy[int]
) -> st.SearchStrategy[Operation]:
    """Return operations on bytes: *sizes* to read and write, *offsets* to go to."""
    pieces = st.binary(max_size=30)
    targets = st.one_of(
        st.tuples(offsets),
        st.tuples(offsets, st.just(os.SEEK_SET)),
        st.tuples(offsets.map(lambda n: n // 2), st.just(os.SEEK_CUR)),
        st.tuples(offsets.map(lambda n: -n // 2), st.just(os.SEEK_CUR)),
        st.tuples(offsets.map(lambda n: -n), st.just(os.SEEK_END)),
        st.tuples(sizes, st.just(os.SEEK_END)),
        st.sampled_from([(-1,), (0, 9), (-5, 2), (0, 2)]),
    )
    return st.one_of(
        operation("write", pieces),
        operation("write random", sizes),
        operation("write at", st.tuples(offsets, sizes)),
        operation("read at", st.tuples(offsets, sizes)),
        operation("writelines", st.lists(pieces, max_size=3)),
        operation("read", sizes),
        operation("read", st.sampled_from([-1, None, 0, 1])),
        operation("read all", NOTHING),
        operation("read1", sizes | st.just(-1)),
        operation("readinto", sizes),
        operation("readinto1", sizes),
        operation("peek", sizes | st.just(0)),
        operation("readline", sizes | st.just(-1)),
        operation("readlines", sizes | st.just(-1)),
        operation("iterate", st.integers(0, 3)),
        operation("seek", targets),
        operation("tell", NOTHING),
        operation("truncate", offsets | st.sampled_from([None, -1])),
        operation("cut", EIGHTHS),
        operation("flush", NOTHING),
    )


SMALL_SIZES = st.integers(0, 40) | st.sampled_from([100, 4096, 8192, 8193])
SMALL_OFFSETS = st.integers(0, 100) | st.sampled_from([4095, 8192, 20_000])
NEAR_BLOCKS = st.builds(
    lambda blocks, more: max(0, blocks * MIB + more),
    st.integers(0, 4),
    st.integers(-3, 3) | st.integers(-(MIB // 2), MIB // 2),
)
LARGE_SIZES = st.sampled_from([1, 100, 65_536, MIB, MIB + 1]) | st.integers(
    0, 3 * MIB // 2
)

BINARY_MODES = ["wb", "w+b", "xb", "x+b", "rb", "r+b", "ab", "a+b"]
BUFFERINGS = [-1, 2, 3, 16, 100, 4096]
LINES = st.lists(
    st.binary(max_size=12) | st.sampled_from([b"\n", b"\r\n"]), max_size=20
).map(b"".join)


@st.composite
def binary_plans(draw: st.DrawFn, buffering: st.SearchStrategy[int]) -> Plan:
    operations = st.lists(
        binary_operations(SMALL_SIZES, SMALL_OFFSETS), min_size=4, max_size=30
    )
    old = LINES | SMALL_SIZES.map(lambda size: random.Random(size).randbytes(size))
    return Plan(
        draw(st.sampled_from(BINARY_MODES)),
        draw(buffering),
        draw(old),
        {},
        draw(operations),
    )


# What moves, spills and drops blocks, of which two are in memory.
HEAVY = st.one_of(
    operation("write at", st.tuples(NEAR_BLOCKS, LARGE_SIZES)),
    operation("read at", st.tuples(NEAR_BLOCKS, LARGE_SIZES)),
    operation("cut", EIGHTHS),
)
ANYTHING = binary_operations(LARGE_SIZES, NEAR_BLOCKS)


@st.composite
def large_plans(draw: st.DrawFn) -> Plan:
    first = operation("write random", st.integers(2 * MIB, 4 * MIB))
    buffering = draw(st.sampled_from([-1, 0, 4096, MIB]))
    # A raw file looks for line ends byte by byte: seconds per MiB.
    rest = st.one_of(HEAVY, HEAVY, ANYTHING) if buffering else HEAVY
    return Plan(
        draw(st.sampled_from(["wb", "w+b", "x+b", "r+b", "a+b"])),
        buffering,
        b"old",
        {},
        [draw(first), *draw(st.lists(rest, min_size=8, max_size=20))],
    )


@st.composite
def large_reading_plans(draw: st.DrawFn) -> Plan:
    reading = operation("read at", st.tuples(NEAR_BLOCKS, LARGE_SIZES))
    buffering = draw(st.sampled_from([-1, 0, 4096, MIB]))
    rest = st.one_of(reading, reading, ANYTHING) if buffering else reading
    return Plan(
        "rb",
        buffering,
        LARGE[: draw(st.integers(3 * MIB, 5 * MIB))],
        {},
        draw(st.lists(rest, min_size=8, max_size=20)),
    )


ENCODINGS = [
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-be",
    "utf-32",
    "latin-1",
    "ascii",
    "shift_jis",
    "iso2022_jp",
]
WORDS = st.text("ab \n\r\tä€あ\U0001f600\0", max_size=12)
TEXTS = WORDS | st.builds(lambda word, times: word * times, WORDS, st.integers(1, 3000))
COUNTS = st.integers(0, 20) | st.sampled_from([-1, 100, 8192])

TEXT_OPERATIONS: st.SearchStrategy[Operation] = st.one_of(
    operation("write", TEXTS),
    operation("write", TEXTS),
    operation("writelines", st.lists(WORDS, max_size=3)),
    operation("read", COUNTS),
    operation("read all", NOTHING),
    operation("readline", COUNTS),
    operation("readlines", COUNTS),
    operation("iterate", st.integers(0, 3)),
    operation("mark", NOTHING),
    operation("return", st.integers(0, 5)),
    operation(
        "seek",
        st.sampled_from([(0,), (0, 1), (0, 2), (0,), (-1,), (1, 1), (1, 2), (0, 7)]),
    ),
    operation("truncate", st.sampled_from([None, 0, 1, 2, 7, 100, 9000])),
    operation("flush", NOTHING),
    operation("newlines", NOTHING),
    operation(
        "reconfigure",
        st.sampled_from(
            [{"line_buffering": True}, {"write_through": True}, {"newline": "\r\n"}]
        ),
    ),
)


@st.composite
def text_plans(draw: st.DrawFn) -> Plan:
    encoding = draw(st.sampled_from(ENCODINGS))
    return Plan(
        draw(st.sampled_from(["w", "w+", "x", "x+", "r", "r+", "a", "a+"])),
        draw(st.sampled_from([-1, 1, 2, 5, 100, 8192])),
        draw(TEXTS).encode(encoding, "ignore") + draw(st.sampled_from([b"", b"\xff"])),
        {
            "encoding": encoding,
            "errors": draw(
                st.sampled_from(["strict", "replace", "ignore", "surrogateescape"])
            ),
            "newline": draw(st.sampled_from([None, "", "\n", "\r", "\r\n"])),
        },
        draw(st.lists(TEXT_OPERATIONS, min_size=3, max_size=20)),
    )


@pytest.fixture(scope="module")
def twins(
    s3open_endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Twins]:
    config = Config(
        endpoint_url=s3open_endpoint.url,
        access_key=s3open_endpoint.access_key,
        secret_key=s3open_endpoint.secret_key,
        region=s3open_endpoint.region,
        memory=2 * MIB,
        part_size=5 * MIB,
    )
    folder = tmp_path_factory.mktemp("model")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_STATE_HOME", os.fspath(folder / "state"))
        yield Twins(S3Store(s3open_endpoint), LocalStore(folder), config)


@given(plan=binary_plans(st.sampled_from(BUFFERINGS)))
@examples(250)
def test_small_binary_files_are_as_builtins(twins: Twins, plan: Plan) -> None:
    twins.run(plan)


@given(plan=binary_plans(st.just(0)))
@examples(120)
def test_raw_files_are_as_builtins(twins: Twins, plan: Plan) -> None:
    twins.run(plan)


@given(plan=large_plans())
@examples(50)
def test_large_files_are_as_builtins(twins: Twins, plan: Plan) -> None:
    twins.run(plan)


@given(plan=large_reading_plans())
@examples(50)
def test_large_files_are_read_as_builtins(twins: Twins, plan: Plan) -> None:
    twins.run(plan)


@given(plan=text_plans())
@examples(300)
def test_text_files_are_as_builtins(twins: Twins, plan: Plan) -> None:
    twins.run(plan)
