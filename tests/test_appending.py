"""The modes `a`, `a+` and `r+`: nobody's bytes are lost, whoever else writes."""

from __future__ import annotations

import multiprocessing
import os
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open.s3 import retry
from s3open.testing import Fault, S3Server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stores import S3Store, Store

MIB = 1 << 20
BUCKET = "s3open-test"
PARTS = s3open.Config(part_size=5 * MIB)


@pytest.fixture
def server(
    s3open_server: S3Server,
    s3open_bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    _known_to_honour: None,
) -> S3Server:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(retry, "pause", lambda failures: None)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    return s3open_server


def uri(key: str) -> str:
    return f"s3://{BUCKET}/{key}"


def append(key: str, data: bytes, **options: Any) -> None:
    with s3open.open(uri(key), "ab", **options) as file:
        file.write(data)


def test_an_append_goes_to_the_end_wherever_the_position_is(store: Store) -> None:
    name = store.put("log", b"first\n")
    with s3open.open(name, "ab+") as file:
        assert file.tell() == 6
        file.seek(0)
        assert file.read(5) == b"first"
        file.seek(2)
        file.write(b"second\n")
        file.flush()
        assert file.tell() == 13
        file.seek(0)
        assert file.read() == b"first\nsecond\n"
    assert store.read("log") == b"first\nsecond\n"


@pytest.mark.parametrize("mode", ["a", "a+", "ab", "ab+"])
def test_an_append_creates_what_is_missing(store: Store, mode: str) -> None:
    s3open.open(store.name("new"), mode).close()
    assert store.read("new") == b""


@pytest.mark.parametrize("mode", ["r+", "rb+"])
def test_an_update_needs_something_to_update(store: Store, mode: str) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        s3open.open(store.name("missing"), mode)
    assert caught.value.filename == store.name("missing")


def test_an_update_keeps_what_it_does_not_touch(store: Store) -> None:
    name = store.put("file", b"0123456789")
    with s3open.open(name, "r+b") as file:
        file.seek(3)
        file.write(b"abc")
        assert file.read() == b"6789"
    assert store.read("file") == b"012abc6789"


@pytest.mark.parametrize(("size", "content"), [(4, b"0123"), (12, b"0123456789\0\0")])
def test_an_update_cuts_and_grows(store: Store, size: int, content: bytes) -> None:
    name = store.put("file", b"0123456789")
    with s3open.open(name, "r+b") as file:
        assert file.truncate(size) == size
    assert store.read("file") == content


def test_what_was_cut_off_does_not_come_back(store: Store) -> None:
    name = store.put("file", b"x" * (3 * MIB))
    with s3open.open(name, "r+b") as file:
        file.truncate(MIB // 2)
        file.truncate(2 * MIB)
        file.seek(-1, 2)
        assert file.read() == b"\0"
    assert store.read("file") == b"x" * (MIB // 2) + bytes(MIB + MIB // 2)


def test_a_large_file_is_updated_with_little_memory(store: Store) -> None:
    content = os.urandom(12 * MIB + 5)
    name = store.put("file", content)
    config = s3open.Config(memory=2 * MIB, part_size=5 * MIB)
    with s3open.open(name, "r+b", config=config) as file:
        for offset in (0, 5 * MIB - 2, 11 * MIB):
            file.seek(offset)
            file.write(b"PATCH")
            assert file.read(3) == content[offset + 5 : offset + 8]
        file.seek(1)
        assert file.read(10) == b"ATCH" + content[5:11]
    expected = bytearray(content)
    for offset in (0, 5 * MIB - 2, 11 * MIB):
        expected[offset : offset + 5] = b"PATCH"
    assert store.read("file") == expected


def test_an_encoding_s_mark_is_written_once(store: Store) -> None:
    for text in ("one", "two"):
        with s3open.open(store.name("file"), "a", encoding="utf-16") as file:
            file.write(text)
    assert store.read("file").decode("utf-16") == "onetwo"
    assert store.read("file").count(b"\xff\xfe") == 1


def test_two_appenders_both_survive(s3: S3Store) -> None:
    name = s3.put("log", b"old\n")
    with s3open.open(name, "a") as one, s3open.open(name, "a") as two:
        one.write("one\n")
        two.write("two\n")
    assert s3.read("log") == b"old\ntwo\none\n"


def test_two_appenders_that_both_create_both_survive(s3: S3Store) -> None:
    name = s3.name("log")
    options: dict[str, Any] = {"encoding": "utf-8-sig"}
    with s3open.open(name, "a", **options) as one:
        with s3open.open(name, "a", **options) as two:
            two.write("two\n")
        one.write("one\n")
    assert s3.read("log") == b"\xef\xbb\xbftwo\none\n"


@pytest.mark.parametrize("size", [0, 12 * MIB])
def test_an_update_never_overwrites_somebody_else_s(s3: S3Store, size: int) -> None:
    name = s3.put("file", b"old" + bytes(size))
    file = s3open.open(name, "r+b", config=PARTS)
    file.write(b"our")
    s3.put("file", b"new")
    with pytest.raises(s3open.ObjectChangedError) as caught:
        file.close()
    assert isinstance(caught.value, s3open.PublishError)
    assert file.closed
    assert s3.read("file") == b"new"
    assert s3.pending_uploads() == []
    # What the user wrote is kept, where it belongs.
    assert caught.value.recovery is not None
    with open(caught.value.recovery, "rb") as kept:
        assert kept.read(3) == b"our"


def test_nothing_is_published_where_nothing_was_written(server: S3Server) -> None:
    server.put(BUCKET, "file", b"old")
    before = server.head(BUCKET, "file")
    for mode in ("a", "a+", "r+"):
        s3open.open(uri("file"), mode).close()
    assert server.head(BUCKET, "file") is before


def test_an_append_to_a_small_object_reads_it_when_it_is_closed(
    server: S3Server,
) -> None:
    server.put(BUCKET, "log", b"old\n")
    with server.counting() as seen, s3open.open(uri("log"), "a") as file:
        assert seen.operations == {"HeadObject": 1}
        file.write("new\n")
    assert seen.operations == {
        "HeadObject": 1,
        "GetObject": 1,
        "GetObjectTagging": 1,
        "PutObject": 1,
    }
    assert server.read(BUCKET, "log") == b"old\nnew\n"


@pytest.mark.parametrize("size", [10, 12 * MIB])
def test_what_the_object_had_it_keeps(server: S3Server, size: int) -> None:
    server.put(
        BUCKET,
        "file",
        bytes(size),
        content_type="text/x",
        cache_control="no-cache",
        content_encoding="identity",
        x_amz_meta_colour="red",
        x_amz_tagging="k=v&t=a%20b",
        x_amz_storage_class="STANDARD_IA",
    )
    with s3open.open(uri("file"), "r+b", config=PARTS) as file:
        file.write(b"x")
    append("file", b"y", config=PARTS)
    found = server.head(BUCKET, "file")
    assert found.content_type == "text/x"
    assert found.metadata["colour"] == "red"
    assert found.tags == {"k": "v", "t": "a b"}
    headers = found.about.headers
    assert headers["cache-control"] == "no-cache"
    assert headers["content-encoding"] == "identity"
    assert headers["x-amz-storage-class"] == "STANDARD_IA"


def test_tags_that_cannot_be_read_are_told_to_be_lost(server: S3Server) -> None:
    server.put(BUCKET, "file", b"old", x_amz_tagging="k=v")
    server.deny("GetObjectTagging")
    with pytest.warns(RuntimeWarning, match="loses its tags"):
        append("file", b"new")
    assert server.read(BUCKET, "file") == b"oldnew"


@pytest.mark.parametrize("size", [4, 12 * MIB])
@pytest.mark.parametrize("drop", ["before", "after"])
def test_an_append_whose_answer_is_lost_is_there_once(
    server: S3Server, size: int, drop: Any
) -> None:
    server.put(BUCKET, "log", bytes(size))
    publishing = "CompleteMultipartUpload" if size > MIB else "PutObject"
    with server.faulty(Fault(publishing, drop=drop)) as armed:
        append("log", b"line\n", config=PARTS)
    assert armed.fired == 1
    assert server.read(BUCKET, "log") == bytes(size) + b"line\n"
    assert server.uploads(BUCKET) == []


@pytest.mark.parametrize(
    ("old", "theirs"),
    [
        (None, [b"line\n"]),
        (b"old\n", [b"line\n"]),
        (b"old\n", [b"line\n"] * 15),
        (b"old\n", [bytes(12 * MIB)]),
        (bytes(12 * MIB), [b"line\n"]),
    ],
    ids=["new", "small", "many", "small, then parts", "parts"],
)
def test_an_append_whose_answer_is_lost_is_there_once_behind_others(
    server: S3Server, old: bytes | None, theirs: list[bytes]
) -> None:
    # Others append before the request is repeated. Their lines are the same: nothing
    # but a token, or the upload's id, tells whose is there.
    if old is not None:
        server.put(BUCKET, "log", old)
    publishing = "CompleteMultipartUpload" if len(old or b"") > MIB else "PutObject"

    def others(_: object) -> None:
        for line in theirs:
            append("log", line, config=PARTS)

    # What comes next: a look at what is there, or the upload again.
    following = Fault(publishing, before=others)
    if publishing == "PutObject":
        # The file was opened by a look, too.
        following = Fault("HeadObject", skip=1, before=others)
    with (
        server.faulty(Fault(publishing, drop="after")) as lost,
        server.faulty(following) as repeated,
    ):
        append("log", b"line\n", config=PARTS)
    assert (lost.fired, repeated.fired) == (1, 1)
    right = (old or b"") + b"line\n" + b"".join(theirs)
    assert server.read(BUCKET, "log") == right
    assert server.uploads(BUCKET) == []


def vanish(server: Any) -> None:
    server.delete(BUCKET, "log")


def test_an_append_to_what_vanished_is_there_alone(server: S3Server) -> None:
    server.put(BUCKET, "log", b"old\n")
    with s3open.open(uri("log"), "a") as file:
        file.write("new\n")
        vanish(server)
    assert server.read(BUCKET, "log") == b"new\n"


def test_an_append_that_cut_something_off_is_no_mere_append(server: S3Server) -> None:
    server.put(BUCKET, "log", b"old\n")
    file = s3open.open(uri("log"), "a")
    file.truncate(2)
    file.write("new\n")
    server.put(BUCKET, "log", b"changed\n")
    with pytest.raises(s3open.ObjectChangedError):
        file.close()
    assert server.read(BUCKET, "log") == b"changed\n"


def test_an_exception_keeps_the_old_object(s3: S3Store) -> None:
    name = s3.put("file", b"old")
    for mode in ("ab", "ab+", "rb+"):
        with pytest.raises(ZeroDivisionError), s3open.open(name, mode) as file:
            file.write(b"half")
            raise ZeroDivisionError
    assert s3.read("file") == b"old"


@pytest.mark.parametrize("verb", ["PutObject", "CompleteMultipartUpload"])
@pytest.mark.parametrize("mode", ["xb", "ab"])
def test_a_store_that_ignores_conditions_is_looked_at_and_warned_of_once(
    verb: str, mode: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    content = b"x" * (1 if verb == "PutObject" else 12 * MIB)
    with S3Server(ignore={"if-match", "if-none-match"}) as server:
        server.create_bucket("weak")
        here = s3open.FileSystem(
            endpoint_url=server.endpoint_url,
            region=server.region,
            access_key=server.access_key,
            secret_key=server.secret_key,
            part_size=5 * MIB,
        )
        with pytest.warns(s3open.WeakStoreWarning, match=f"conditions on {verb}"):
            with here.open("s3://weak/one", mode) as file:
                file.write(content)
        file = here.open("s3://weak/two", mode)
        file.write(content)
        server.put("weak", "two", b"another's")
        if mode == "xb":
            with pytest.raises(FileExistsError):
                file.close()
            content = b""
        else:
            file.close()
        assert server.read("weak", "two") == b"another's" + content


def lines(name: str, number: int) -> None:
    """Append 50 identical lines, one open per line."""
    for _ in range(number):
        with s3open.open(name, "a") as file:
            file.write("the same line\n")


def test_eight_processes_that_append_at_once_lose_and_double_nothing(
    s3: S3Store,
) -> None:
    spawn = multiprocessing.get_context("spawn")
    name = s3.put("log", b"")
    workers = [spawn.Process(target=lines, args=(name, 10)) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 8
    assert s3.read("log") == b"the same line\n" * 80


def test_eight_processes_lose_and_double_nothing_where_answers_get_lost(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    spawn = multiprocessing.get_context("spawn")
    fault = Fault(drop="after", probability=0.05, seed=1, times=None)
    workers = [spawn.Process(target=lines, args=(uri("log"), 50)) for _ in range(8)]
    with s3open_server.faulty(fault) as armed:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert armed.fired > 20
    assert [worker.exitcode for worker in workers] == [0] * 8
    assert s3open_server.read(BUCKET, "log") == b"the same line\n" * 400


def test_threads_share_an_unbuffered_file_as_they_share_a_local_one(
    store: Store,
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    name = store.put("file", os.urandom(4 * MIB))
    with s3open.open(name, "rb", buffering=0) as file:

        def read(_: int) -> int:
            count = 0
            while data := file.read(4096):
                count += len(data)
            return count

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(read, range(4))) == 4 * MIB


@pytest.mark.parametrize("fault", [{"status": 500}, {"drop": "before"}])
def test_tags_that_cannot_be_read_for_the_moment_are_not_dropped(
    server: S3Server, fault: dict[str, Any]
) -> None:
    server.put(BUCKET, "log", b"one\n", x_amz_tagging="color=red")
    file = s3open.open(uri("log"), "ab")
    file.write(b"two\n")
    failing = Fault(operation="GetObjectTagging", times=None, **fault)
    with server.faulty(failing), pytest.raises(s3open.PublishError) as caught:
        file.close()
    assert not caught.value.ambiguous
    assert server.read(BUCKET, "log") == b"one\n"
    assert server.head(BUCKET, "log").tags == {"color": "red"}
