"""Bad arguments are refused as builtin ``open`` refuses them, without a request.

What is expected is asked of the running Python, whose wording changes by version.
"""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from tests.stores import outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.stores import LocalStore, S3Store

MODES: list[Any] = [
    "",
    "rw",
    "wr",
    "rx",
    "wx",
    "rr",
    "rbb",
    "wtt",
    "w++",
    "q",
    "rq",
    "R",
    "r ",
    " r",
    "r\0",
    "rb\n",
    "rü",
    "\U0001f600",
    "U",
    "rU",
    "Ur",
    "rbU",
    "wU",
    "bt",
    "rbt",
    "wbt",
    "tb",
    "+",
    "b",
    "t",
    "b+",
    "br ",
    "\ud800",
    "r" * 1000,
    1,
    None,
    b"r",
    b"",
    1.5,
    ["r"],
    ("r",),
    object,
    True,
]
SIZES: list[Any] = ["x", "1", 1.5, None, [], b"1", 1 << 40, -(1 << 40), 1 << 70]
NEWLINES: list[Any] = ["x", "\n\n", "\n\r", " ", "\r\n\r", "\0", "\ud800", 1, b"\n", []]
ARGUMENTS: list[dict[str, Any]] = [
    *({"mode": mode} for mode in MODES),
    *(
        {"mode": mode, name: value}
        for mode in ("rb", "wb", "w+b", "xb")
        for name, value in [
            ("encoding", "utf-8"),
            ("encoding", ""),
            ("errors", "strict"),
            ("errors", ""),
            ("newline", "\n"),
            ("newline", ""),
        ]
    ),
    {"mode": "rb", "encoding": "utf-8", "errors": "strict", "newline": ""},
    {"mode": "wb", "encoding": "nonsense", "newline": "x"},
    {"mode": "rb", "errors": "strict", "newline": "x"},
    *({"mode": mode, "buffering": 0} for mode in ("r", "w", "x", "w+", "rt")),
    *({"mode": mode, "buffering": size} for mode in ("r", "wb") for size in SIZES),
    *(
        {"mode": mode, "encoding": encoding}
        for mode in ("r", "w")
        for encoding in [
            "nonsense",
            "hex",
            "base64",
            "rot13",
            "zip",
            "",
            " ",
            "a\0b",
            "\ud800",
            "ü",
            "x" * 5000,
            1,
            b"utf-8",
            1.5,
            ["utf-8"],
        ]
    ),
    *(
        {"mode": mode, "encoding": "utf-8", "newline": newline}
        for mode in ("r", "w")
        for newline in NEWLINES
    ),
    *(
        {"mode": mode, "encoding": "utf-8", "errors": errors}
        for mode in ("r", "w")
        for errors in (1, b"strict", 1.5, ["strict"], "a\0b", "\ud800")
    ),
    *(
        {"mode": mode, "closefd": closefd}
        for mode in ("r", "wb")
        for closefd in (0, False)
    ),
    {"mode": "q", "closefd": False},
    {"mode": "rb", "closefd": False, "buffering": 0, "encoding": "utf-8"},
    {"mode": "r", "closefd": False, "encoding": "nonsense"},
    {"mode": "r", "closefd": False, "newline": "x"},
    {"mode": "q", "encoding": 1},
    {"mode": 1, "buffering": "x"},
    {"mode": "r", "buffering": 0, "encoding": "nonsense"},
    {"mode": "r", "encoding": "nonsense", "newline": "x"},
    {"mode": "r", "encoding": 1, "errors": 1, "newline": 1},
    {"mode": "rb", "buffering": "x", "encoding": "utf-8"},
    {"mode": "bt", "encoding": "utf-8"},
    {"mode": "rw", "buffering": 0},
    {"mode": "b", "errors": "x"},
]


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point at an endpoint where nobody listens: a request would fail otherwise."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        host, port = bound.getsockname()
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        yield


def shown(arguments: dict[str, Any]) -> str:
    return ascii(arguments)[1:60]


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=shown)
@pytest.mark.usefixtures("nowhere")
def test_bad_arguments_are_refused_as_builtin_refuses_them(
    arguments: dict[str, Any], twin: LocalStore
) -> None:
    name = twin.name("file")
    if "x" not in str(arguments["mode"]):
        twin.put("file", b"")
    wanted = refusal(io.open, name, arguments)
    assert refusal(s3open.open, "s3://bucket/key", arguments) == wanted


def refusal(opener: Any, name: str, arguments: dict[str, Any]) -> object:
    """Return what *opener* refuses the arguments with.

    pytest turns warnings into errors: those that Python 3.10 has for "U" count, too.
    """
    result = outcome(opener, name, **arguments)
    if not isinstance(result, tuple):
        result.close()  # type: ignore[attr-defined]
        pytest.fail(f"{opener} accepts {arguments}")
    return result


@pytest.mark.parametrize(
    "arguments",
    [
        {"mode": "r", "encoding": "utf-8\n"},
        {"mode": "r", "encoding": "undefined"},
        {"mode": "r", "errors": "nonsense"},
        {"mode": "w", "errors": "nonsense"},
        {"mode": "r", "encoding": "utf-8", "errors": "nonsense"},
        {"mode": "r", "encoding": "utf-8", "errors": ""},
        {"mode": "r", "buffering": True, "encoding": "utf-8"},
        {"mode": "rb", "buffering": -2},
        {"mode": "w", "buffering": -99, "encoding": "utf-8"},
        {"mode": "r", "encoding": "UTF8", "closefd": 1},
    ],
    ids=shown,
)
def test_odd_arguments_are_accepted_as_builtin_accepts_them(
    s3: S3Store, twin: LocalStore, arguments: dict[str, Any]
) -> None:
    for each, opener in ((s3, s3open.open), (twin, io.open)):
        got = outcome(opener, each.put("file", b"text"), **arguments)
        assert not isinstance(got, tuple), got
        got.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("positional", "named"),
    [
        ((), {}),
        (("s3://b/k", "r", -1, None, None, None, True, None, None), {}),
        (("s3://b/k",), {"file": "s3://b/k"}),
        (("s3://b/k",), {"nonsense": 1}),
        (("s3://b/k",), {"name": "x"}),
        (("s3://b/k",), {"compression": "gzip", "nonsense": 1}),
    ],
    ids=["none", "nine", "twice", "unknown", "unknown name", "two unknown"],
)
def test_arguments_that_do_not_exist_are_type_errors(
    positional: tuple[Any, ...], named: dict[str, Any]
) -> None:
    opener: Any = s3open.open
    with pytest.raises(TypeError):
        opener(*positional, **named)


@pytest.mark.parametrize("mode", ["rb", "wb", "w+b"])
def test_line_buffering_of_bytes_warns_at_the_callers_line(
    s3: S3Store, twin: LocalStore, mode: str
) -> None:
    seen = []
    for each, opener in ((s3, s3open.open), (twin, io.open)):
        name = each.put("file", b"text")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            opener(name, mode, 1).close()
        assert [warning.filename for warning in caught] == [__file__]
        seen.append([(w.category, str(w.message), w.lineno) for w in caught])
    assert seen[0] == seen[1]
    assert seen[0][0][0] is RuntimeWarning


def test_line_buffering_of_bytes_as_an_error_opens_nothing(nowhere: None) -> None:
    with pytest.raises(RuntimeWarning, match="line buffering"):
        s3open.open("s3://bucket/key", "rb", 1)


PROGRAM = """\
import io, s3open, sys
local, failure = sys.argv[1], ZeroDivisionError
def write(opener, name):
    try:
        with opener(name, "w"):  # line 5
            raise failure
    except failure:
        pass
write(io.open, local)
write(s3open.open, local)
write(s3open.open, "s3://bucket/key")
write(s3open.FileSystem().open, "s3://bucket/key")
s3open.open("s3://bucket/key", "w", encoding="locale").close if 0 else None
s3open.open(local, encoding="utf-8").close()
s3open.open(local, "rb").close()
"""


@pytest.mark.usefixtures("nowhere")
def test_a_missing_encoding_warns_at_the_callers_line_if_python_is_asked_to(
    tmp_path: Path,
) -> None:
    program, local = tmp_path / "program.py", tmp_path / "local"
    program.write_text(PROGRAM)
    command = [sys.executable, "-X", "warn_default_encoding", "-W", "always"]
    answer = subprocess.run(
        [*command, str(program), str(local)], capture_output=True, text=True, check=True
    )
    lines = [line for line in answer.stderr.splitlines() if "EncodingWarning" in line]
    message = "EncodingWarning: 'encoding' argument not specified"
    assert lines == [f"{program}:5: {message}"] * 4


@pytest.mark.usefixtures("nowhere")
def test_a_missing_encoding_is_silent_otherwise(tmp_path: Path) -> None:
    program, local = tmp_path / "program.py", tmp_path / "local"
    program.write_text(PROGRAM)
    command = [sys.executable, "-W", "always", str(program), str(local)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "EncodingWarning" not in answer.stderr


@pytest.mark.usefixtures("nowhere")
def test_unknown_error_handlers_are_found_at_once_in_development_mode(
    tmp_path: Path,
) -> None:
    (tmp_path / "local").touch()
    program = tmp_path / "program.py"
    program.write_text(
        "import io, s3open, sys\n"
        "for opener, name in (io.open, sys.argv[1]), (s3open.open, 's3://b/k'):\n"
        "    try:\n"
        "        opener(name, encoding='utf-8', errors='nonsense')\n"
        "    except LookupError as error:\n"
        "        print(error)\n"
    )
    command = [sys.executable, "-X", "dev", str(program), str(tmp_path / "local")]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout == "unknown error handler name 'nonsense'\n" * 2
