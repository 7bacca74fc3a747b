"""What `trace` counts is what the server saw; and what is logged says no more."""

from __future__ import annotations

import io
import logging
import os
import re
import threading
from typing import TYPE_CHECKING

import pytest

import s3open
from s3open.testing import Fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from s3open.testing import S3Server

BUCKET = "s3open-test"

pytestmark = pytest.mark.usefixtures("_each_transport")


@pytest.fixture
def server(
    s3open_server: S3Server,
    s3open_bucket: str,
    _known_to_honour: None,
    monkeypatch: pytest.MonkeyPatch,
) -> S3Server:
    monkeypatch.setattr("s3open.s3.retry.pause", lambda _: None)
    for key in ("small", "tree/1", "tree/2"):
        s3open_server.put(s3open_bucket, key, b"s" * 4096)
    s3open_server.put(s3open_bucket, "large", b"l" * (9 << 20))
    return s3open_server


def uri(key: str) -> str:
    return f"s3://{BUCKET}/{key}"


def write(key: str, size: int) -> None:
    with s3open.open(uri(key), "wb") as file:
        file.write(b"w" * size)


def missing() -> None:
    with pytest.raises(s3open.NoSuchKey):
        s3open.open(uri("missing"), "rb")


PROGRAMS: dict[str, Callable[[], object]] = {
    "read": lambda: s3open.read_bytes(uri("small")),
    "read in parts": lambda: s3open.read_bytes(uri("large")),
    "tail": lambda: s3open.tail(uri("large"), 10),
    "write": lambda: write("new", 10),
    "write in parts": lambda: write("new", 12 << 20),
    "append": lambda: s3open.open(uri("small"), "ab").close(),
    "stat": lambda: s3open.stat(uri("small")),
    "list": lambda: list(s3open.ls(uri("tree/"))),
    "versions": lambda: list(s3open.versions(uri("small"))),
    "copy": lambda: s3open.cp(uri("small"), uri("copy")),
    "move": lambda: s3open.mv(uri("small"), uri("moved")),
    "remove": lambda: s3open.rm(uri("small")),
    "remove all": lambda: s3open.rm(uri("tree"), recursive=True),
    "missing": missing,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_trace_has_what_the_server_saw(server: S3Server, name: str) -> None:
    with server.counting() as seen, s3open.trace() as trace:
        PROGRAMS[name]()
    assert trace.operations == seen.operations
    assert trace.requests == seen.total
    assert trace.verbs.total() == trace.files.total() == seen.total
    assert "" not in trace.verbs
    assert trace.total.seconds > 0


def test_bytes_are_counted_by_operation_and_file(server: S3Server) -> None:
    with s3open.trace() as trace:
        s3open.read_bytes(uri("small"))
        write("new", 100)
        s3open.stat(uri("small"))
    assert (trace.bytes_in, trace.bytes_out) == (4096, 100)
    assert trace.by_operation["GetObject"].bytes_in == 4096
    assert trace.by_operation["PutObject"].bytes_out == 100
    small, new = trace.by_file[uri("small")], trace.by_file[uri("new")]
    assert (small.requests, small.bytes_in, small.bytes_out) == (2, 4096, 0)
    assert (new.requests, new.bytes_in, new.bytes_out) == (1, 0, 100)
    assert trace.verbs == {"GET": 1, "PUT": 1, "HEAD": 1}
    assert "GetObject" in repr(trace)


@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"status": 500}, {"drop": "before"}, {"drop": "after"}]
)
@pytest.mark.parametrize("operation", ["GetObject", "PutObject"])
def test_what_is_tried_again_is_counted(
    server: S3Server, fault: dict[str, object], operation: str
) -> None:
    write("warm", 1)
    with (
        server.faulty(Fault(operation, times=1, **fault)),  # type: ignore[arg-type]
        s3open.trace() as trace,
    ):
        if operation == "GetObject":
            s3open.read_bytes(uri("small"))
        else:
            write("new", 10)
    assert trace.retries == trace.by_operation[operation].retries == 1
    assert set(trace.by_file) == {uri("small" if operation == "GetObject" else "new")}
    # What only a connection that was closed had brought may be sent again at once.
    assert trace.failures <= 1


def test_a_refusal_is_a_failure(server: S3Server) -> None:
    with s3open.trace() as trace:
        missing()
        s3open.exists(uri("small"))
    assert (trace.requests, trace.failures, trace.retries) == (2, 1, 0)


def test_all_threads_are_counted_and_traces_lie_in_each_other(server: S3Server) -> None:
    def work() -> None:
        for _ in range(10):
            s3open.read_bytes(uri("small"))

    with s3open.trace() as outer:
        work()
        with s3open.trace() as inner:
            threads = [threading.Thread(target=work) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    work()
    assert inner.operations == {"GetObject": 80}
    assert inner.bytes_in == 80 * 4096
    assert outer.operations == {"GetObject": 90}


def test_what_was_not_verified_is_counted(server: S3Server) -> None:
    with s3open.trace() as trace:
        s3open.read_bytes(uri("small"), byte_range=range(10))
    assert trace.unverified == 1
    with s3open.trace() as trace:
        s3open.read_bytes(uri("small"))
    assert trace.unverified == 0


def test_nothing_is_counted_where_nothing_was_asked(tmp_path: Path) -> None:
    with s3open.trace() as trace:
        (tmp_path / "file").write_text("local")
        s3open.read_text(tmp_path / "file")
    assert trace.requests == trace.bytes_in == trace.bytes_out == trace.failures == 0
    assert trace.operations == trace.files == {}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_counts_for_itself(server: S3Server) -> None:
    with s3open.trace() as trace:
        s3open.read_bytes(uri("small"))
        child = os.fork()
        if child == 0:
            status = 1
            try:
                s3open.read_bytes(uri("small"))
                status = int(trace.requests != 2)
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
    assert status == 0
    assert trace.requests == 1


LINE = re.compile(
    r"(GetObject|PutObject|HeadObject) 's3://s3open-test/\w+'"
    r"( bytes=\d+-\d+)?: (\d{3}|.*) in \d+\.\d{3} s"
)


def test_a_line_is_logged_for_each_request(
    server: S3Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="s3open")
    write("new", 10)
    s3open.read_bytes(uri("small"))
    s3open.stat(uri("small"))
    missing()
    lines = [each.getMessage() for each in caplog.records if each.name == "s3open"]
    found = [LINE.fullmatch(line) for line in lines]
    assert all(found), lines
    assert [match and match[3] for match in found] == ["200", "206", "200", "404"]
    assert {each.levelno for each in caplog.records} == {logging.DEBUG}
    assert [match and bool(match[2]) for match in found] == [False, True, False, True]


def test_an_answer_that_does_not_come_is_logged(
    server: S3Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="s3open")
    with (
        server.faulty(Fault("HeadObject", drop="before", times=None)),
        pytest.raises(s3open.S3Error) as caught,
    ):
        s3open.FileSystem(attempts=2).stat(uri("small"))
    assert caught.value.operation == "HeadObject"
    lines = [each.getMessage() for each in caplog.records if each.name == "s3open"]
    assert len(lines) == 2
    assert all(LINE.fullmatch(line) for line in lines), lines


def test_who_does_not_listen_gets_nothing(
    server: S3Server, capsys: pytest.CaptureFixture[str]
) -> None:
    s3open.read_bytes(uri("small"))
    logger = logging.getLogger("s3open")
    assert any(isinstance(each, logging.NullHandler) for each in logger.handlers)
    assert capsys.readouterr() == ("", "")


def test_a_handler_of_ones_own_is_enough(server: S3Server) -> None:
    logger, text = logging.getLogger("s3open"), io.StringIO()
    handler = logging.StreamHandler(text)
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        s3open.read_bytes(uri("small"))
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert text.getvalue().startswith("GetObject 's3://s3open-test/small' bytes=0-")
