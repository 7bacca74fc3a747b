"""What is tried: files opened again and again, with random things done to them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.model.operations import Operation, randbytes
from tests.stores import MIB


@dataclass(frozen=True)
class Session:
    """How a file is opened, what is done with it, and how that ends.

    With *afresh* it is deleted before. *end* is ``with``, ``raise`` (the block is left
    by an exception), or ``close``.
    """

    afresh: bool
    mode: str
    buffering: int
    text: dict[str, Any]
    operations: list[Operation]
    end: str


@dataclass(frozen=True)
class Sequence:
    """What is there before, None for nothing, and what follows."""

    old: bytes | None
    sessions: list[Session]


@st.composite
def modes(draw: st.DrawFn) -> tuple[bool, str]:
    """Draw whether a file is deleted, and the mode it is opened in then."""
    letters = draw(st.sampled_from(["r", "r+", "w", "w+", "x", "x+", "a", "a+"]))
    # Most others begin with what those before have left.
    chances = [True, True, False] if "x" in letters else [False] * 9 + [True]
    return draw(st.sampled_from(chances)), letters


def operation(name: str, argument: st.SearchStrategy[Any]) -> Any:
    return st.tuples(st.just(name), argument)


NOTHING = st.none()
EIGHTHS = st.integers(0, 9)
ENDS = st.sampled_from(["with", "with", "with", "close", "raise"])


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
        operation("attributes", NOTHING),
    )


SMALL_SIZES = st.integers(0, 40) | st.sampled_from([100, 4096, 8192, 8193])
SMALL_OFFSETS = st.integers(0, 100) | st.sampled_from([4095, 8192, 20_000])
SMALL = binary_operations(SMALL_SIZES, SMALL_OFFSETS)
DESCRIPTOR: st.SearchStrategy[Operation] = st.one_of(
    operation("descriptor", NOTHING),
    operation("os.read", SMALL_SIZES),
    operation("os.write", st.binary(max_size=30) | SMALL_SIZES.map(randbytes)),
    operation(
        "os.lseek",
        st.tuples(SMALL_OFFSETS, st.sampled_from([os.SEEK_SET, os.SEEK_END]))
        | st.sampled_from([(0, os.SEEK_CUR), (-3, os.SEEK_CUR), (-1, os.SEEK_SET)]),
    ),
    operation("os.fstat", NOTHING),
    operation("os.ftruncate", SMALL_OFFSETS),
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
    operation("attributes", NOTHING),
    operation(
        "reconfigure",
        st.sampled_from(
            [{"line_buffering": True}, {"write_through": True}, {"newline": "\r\n"}]
        ),
    ),
)


@st.composite
def runs(draw: st.DrawFn, usual: st.SearchStrategy[Operation]) -> list[Operation]:
    """Draw *usual* operations, sometimes then a turn to something else."""
    done = draw(st.lists(usual, min_size=1, max_size=12))
    turn = draw(st.sampled_from(["", "", "", "", "descriptor", "detach", "close"]))
    if turn == "descriptor":
        done += draw(st.lists(usual | DESCRIPTOR | DESCRIPTOR, max_size=12))
    elif turn == "detach":
        # Below text are bytes, below those the raw file, and nothing below that.
        done += [(turn, None), *draw(st.lists(SMALL | DESCRIPTOR, max_size=8))]
        if draw(st.booleans()):
            done += [(turn, None), *draw(st.lists(SMALL | DESCRIPTOR, max_size=8))]
    elif turn == "close":
        done += [(turn, None), *draw(st.lists(usual | DESCRIPTOR, max_size=3))]
    return done


@st.composite
def binary_sessions(draw: st.DrawFn) -> Session:
    afresh, letters = draw(modes())
    return Session(
        afresh,
        letters + "b",
        draw(st.sampled_from([-1, 0, 0, 2, 3, 16, 100, 4096])),
        {},
        draw(runs(SMALL)),
        draw(ENDS),
    )


@st.composite
def text_sessions(draw: st.DrawFn, encoding: str) -> Session:
    afresh, letters = draw(modes())
    return Session(
        afresh,
        letters,
        draw(st.sampled_from([-1, 1, 2, 5, 100, 8192])),
        {
            "encoding": encoding,
            "errors": draw(
                st.sampled_from(["strict", "replace", "ignore", "surrogateescape"])
            ),
            "newline": draw(st.sampled_from([None, "", "\n", "\r", "\r\n"])),
        },
        draw(runs(TEXT_OPERATIONS)),
        draw(ENDS),
    )


LINES = st.lists(
    st.binary(max_size=12) | st.sampled_from([b"\n", b"\r\n"]), max_size=20
).map(b"".join)


@st.composite
def sequences(draw: st.DrawFn) -> Sequence:
    """Draw one to four sessions on a small file, in bytes, in text, or both."""
    encoding = draw(st.sampled_from(ENCODINGS))
    texts = TEXTS.map(lambda text: text.encode(encoding, "ignore"))
    broken = texts.map(lambda encoded: encoded + b"\xff")
    of_bytes, of_text = binary_sessions(), text_sessions(encoding)
    sessions, old = draw(
        st.sampled_from(
            [
                (of_bytes, LINES | SMALL_SIZES.map(randbytes)),
                (of_text, texts | broken),
                (of_bytes | of_text, texts),
            ]
        )
    )
    return Sequence(
        draw(st.none() | st.just(b"") | old | old | old),
        draw(st.lists(sessions, min_size=1, max_size=4)),
    )


NEAR_BLOCKS = st.builds(
    lambda blocks, more: max(0, blocks * MIB + more),
    st.integers(0, 4),
    st.integers(-3, 3) | st.integers(-(MIB // 2), MIB // 2),
)
LARGE_SIZES = st.sampled_from([1, 100, 65_536, MIB, MIB + 1]) | st.integers(
    0, 3 * MIB // 2
)
# Parts have 5 MiB, so these are up to three.
PARTS = st.sampled_from([5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 10 * MIB, 11 * MIB + 7])
FIRST = st.integers(2 * MIB, 4 * MIB)
WRITE_AT = operation("write at", st.tuples(NEAR_BLOCKS, LARGE_SIZES))
READ_AT = operation("read at", st.tuples(NEAR_BLOCKS, LARGE_SIZES))
ANYTHING = binary_operations(LARGE_SIZES, NEAR_BLOCKS)


@st.composite
def large_sessions(draw: st.DrawFn) -> Session:
    """Draw what moves, spills and drops blocks, of which two are in memory."""
    afresh, letters = draw(modes())
    buffering = draw(st.sampled_from([-1, 0, 4096, MIB]))
    heavy = READ_AT
    operations: list[Operation] = []
    if letters != "r":
        heavy = st.one_of(WRITE_AT, READ_AT, operation("cut", EIGHTHS))
        size = draw(PARTS if draw(st.integers(0, 9)) == 9 else FIRST)
        operations.append(("write random", size))
    # A raw file looks for line ends byte by byte: seconds per MiB.
    rest = st.one_of(heavy, heavy, ANYTHING) if buffering else heavy
    operations += draw(st.lists(rest, min_size=4, max_size=12))
    if draw(st.integers(0, 3)) == 3:
        operations.append(("descriptor", None))
        operations += draw(st.lists(rest | DESCRIPTOR, max_size=6))
    return Session(afresh, letters + "b", buffering, {}, operations, draw(ENDS))


@st.composite
def large_sequences(draw: st.DrawFn) -> Sequence:
    """Draw one or two sessions on a file of several blocks, maybe of several parts."""
    size = st.sampled_from([0, 3]) | st.integers(3 * MIB, 5 * MIB) | PARTS
    return Sequence(
        draw(st.none() | size.map(randbytes)),
        draw(st.lists(large_sessions(), min_size=1, max_size=2)),
    )
