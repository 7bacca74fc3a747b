"""What could not be published is found again, and published after all."""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

import pytest

import s3open
from s3open import Config, ObjectChangedError, PublishError, Recovered
from s3open.s3 import retry
from s3open.testing import Fault, S3Server
from s3open.writing import kept as keeping
from s3open.writing import recovery
from tests.fakes import pattern
from tests.stores import open_any

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 1 << 20
BUCKET = "s3open-test"
URI = f"s3://{BUCKET}/folder/k.txt"
KEY = "folder/k.txt"
SMALL_PARTS = Config(part_size=5 * MIB, memory=2 * MIB)


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
    return s3open_server


def denied(operation: str = "PutObject") -> Fault:
    return Fault(operation=operation, status=403, times=None)


def lose(
    server: S3Server,
    mode: str,
    write: Callable[[Any], object],
    *faults: Fault,
    **options: Any,
) -> Recovered:
    """Return what is kept of a file whose publication meets *faults*."""
    file = open_any(URI, mode, **options)
    write(file)
    with ExitStack() as stack:
        for fault in faults or (denied(),):
            stack.enter_context(server.faulty(fault))
        with pytest.raises(PublishError) as caught:
            file.close()
    (kept,) = s3open.recover()
    assert kept.path == caught.value.recovery
    return kept


def unknown(drop: Literal["before", "after"]) -> list[Fault]:
    """Return the faults after which nobody can tell what became of a PutObject."""
    return [Fault(operation="PutObject", drop=drop, times=None), denied("HeadObject")]


def ours(file: Any) -> None:
    file.write("ours\n")


def content(server: S3Server, key: str = KEY) -> bytes:
    return server.read(BUCKET, key)


def nothing_is_left() -> bool:
    return list(recovery.directory().iterdir()) == []


def test_where_nothing_was_lost_there_is_nothing(server: S3Server) -> None:
    assert s3open.recover() == []


def test_what_is_kept_says_where_it_belongs_and_why(server: S3Server) -> None:
    before = datetime.now(timezone.utc) - timedelta(seconds=2)
    kept = lose(server, "w", lambda file: file.write("all of it"))
    assert kept.uri == URI
    assert "Permission denied" in kept.reason
    assert before < kept.time < datetime.now(timezone.utc) + timedelta(seconds=2)
    assert kept.size == 9
    assert Path(kept.path).read_bytes() == b"all of it"
    assert kept.condition == "always"
    assert not kept.partial
    assert not kept.ambiguous
    assert kept.name in kept.path
    with pytest.raises(AttributeError):
        kept.uri = "s3://other/place"  # type: ignore[misc]


def test_the_oldest_come_first(server: S3Server) -> None:
    for number in range(3):
        with server.faulty(denied()), pytest.raises(PublishError):
            with s3open.open(f"{URI}{number}", "w") as file:
                file.write("x")
    names = [kept.uri for kept in s3open.recover()]
    assert sorted(names) == [f"{URI}{number}" for number in range(3)]
    times = [kept.time for kept in s3open.recover()]
    assert times == sorted(times)


@pytest.mark.parametrize("condition", ["w", "x"])
def test_a_new_object_is_published_with_all_it_was_given(
    server: S3Server, condition: str
) -> None:
    expires = datetime(2031, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    kept = lose(
        server,
        condition,
        lambda file: file.write("content"),
        content_type="text/x-poem",
        metadata={"owner": "me"},
        tags={"team": "web"},
        cache_control="max-age=60",
        storage_class="STANDARD_IA",
        expires=expires,
    )
    kept.publish()
    assert content(server) == b"content"
    with s3open.open(URI) as file:
        info = s3open.info(file)
    assert info.content_type == "text/x-poem"
    assert info.metadata == {"owner": "me"}
    stored = server.head(BUCKET, KEY)
    assert stored.tags == {"team": "web"}
    assert stored.about.headers["cache-control"] == "max-age=60"
    assert stored.about.headers["x-amz-storage-class"] == "STANDARD_IA"
    assert stored.about.headers["expires"] == "Thu, 02 Jan 2031 03:04:05 GMT"
    assert nothing_is_left()


def test_the_options_of_publish_go_before_what_was_recorded(server: S3Server) -> None:
    kept = lose(
        server,
        "w",
        lambda file: file.write("x"),
        metadata={"owner": "me"},
        cache_control="no-store",
    )
    with pytest.raises(TypeError, match="colour"):
        kept.publish(colour="red")
    kept.publish(metadata={"owner": "you"}, content_type="a/b")
    with s3open.open(URI) as file:
        info = s3open.info(file)
    assert (info.metadata, info.content_type) == ({"owner": "you"}, "a/b")
    assert server.head(BUCKET, KEY).about.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("size", [1, 5 * MIB, 12 * MIB + 1])
def test_it_is_published_byte_for_byte_whatever_its_size(
    server: S3Server, size: int
) -> None:
    operation = "PutObject" if size <= 5 * MIB else "CompleteMultipartUpload"
    kept = lose(
        server,
        "wb",
        lambda file: file.write(pattern(size)),
        denied(operation),
        config=SMALL_PARTS,
    )
    kept.publish(config=SMALL_PARTS)
    assert content(server) == pattern(size)
    assert server.uploads(BUCKET) == []
    assert nothing_is_left()


def test_what_was_to_be_the_first_does_not_overwrite_another(server: S3Server) -> None:
    kept = lose(server, "x", lambda file: file.write("ours"))
    assert kept.condition == "absent"
    server.put(BUCKET, KEY, b"theirs")
    with pytest.raises(FileExistsError):
        kept.publish()
    assert content(server) == b"theirs"
    assert s3open.recover() == [kept]
    kept.publish(force=True)
    assert content(server) == b"ours"
    assert nothing_is_left()


def test_an_update_is_published_if_the_object_is_still_the_same(
    server: S3Server,
) -> None:
    server.put(BUCKET, KEY, b"0123456789")

    def write(file: Any) -> None:
        file.seek(2)
        file.write(b"ab")
        file.seek(12)
        file.write(b"end")

    kept = lose(server, "r+b", write)
    assert (kept.condition, kept.partial, kept.size) == ("unchanged", True, 15)
    kept.publish()
    assert content(server) == b"01ab456789\0\0end"
    assert nothing_is_left()


def test_a_file_that_was_cut_is_cut_again(server: S3Server) -> None:
    server.put(BUCKET, KEY, b"0123456789")
    kept = lose(server, "r+b", lambda file: file.truncate(4))
    kept.publish()
    assert content(server) == b"0123"


def test_a_change_of_a_large_object_lets_the_store_copy_the_rest(
    server: S3Server,
) -> None:
    old = pattern(20 * MIB)
    server.put(BUCKET, KEY, old)

    def write(file: Any) -> None:
        file.seek(15 * MIB)
        file.write(b"new")

    kept = lose(server, "r+b", write, denied("CompleteMultipartUpload"))
    with server.counting() as tally:
        kept.publish()
    assert content(server) == old[: 15 * MIB] + b"new" + old[15 * MIB + 3 :]
    assert tally.operations["UploadPartCopy"] > 0


@pytest.mark.parametrize("force", [False, True])
def test_a_change_of_another_version_is_refused(server: S3Server, force: bool) -> None:
    server.put(BUCKET, KEY, b"0123456789")
    kept = lose(server, "r+b", lambda file: file.write(b"ab"))
    server.put(BUCKET, KEY, b"somebody else's")
    with pytest.raises(ObjectChangedError, match="only what was changed"):
        kept.publish(force=force)
    with pytest.raises(ValueError, match="elsewhere"):
        kept.publish(f"{URI}2", force=force)
    server.delete(BUCKET, KEY)
    with pytest.raises(FileNotFoundError):
        kept.publish(force=force)
    assert s3open.recover() == [kept]


def rewritten(file: Any) -> None:
    file.write(b"everything")
    file.truncate()


def test_an_object_that_was_rewritten_as_a_whole_can_be_forced(
    server: S3Server,
) -> None:
    server.put(BUCKET, KEY, b"0123456789 and more", x_amz_meta_owner="me")
    kept = lose(server, "r+b", rewritten)
    assert (kept.condition, kept.partial) == ("unchanged", False)
    server.put(BUCKET, KEY, b"somebody else's", x_amz_meta_owner="you")
    with pytest.raises(ObjectChangedError):
        kept.publish()
    assert content(server) == b"somebody else's"
    kept.publish(force=True)
    assert content(server) == b"everything"
    with s3open.open(URI) as file:
        assert s3open.info(file).metadata == {"owner": "you"}


@pytest.mark.parametrize("force", [False, True])
def test_a_whole_update_of_what_has_vanished_takes_force(
    server: S3Server, force: bool
) -> None:
    server.put(BUCKET, KEY, b"0123456789")
    kept = lose(server, "r+b", rewritten)
    server.delete(BUCKET, KEY)
    if not force:
        with pytest.raises(FileNotFoundError):
            kept.publish()
        return
    kept.publish(force=True)
    assert content(server) == b"everything"


def test_an_append_comes_behind_what_is_there_now(server: S3Server) -> None:
    server.put(BUCKET, KEY, b"one\n")
    kept = lose(server, "a", ours)
    assert (kept.condition, kept.partial) == ("append", False)
    server.put(BUCKET, KEY, b"one\ntwo\nthree\n")
    kept.publish()
    assert content(server) == b"one\ntwo\nthree\nours\n"
    assert nothing_is_left()


def test_an_append_to_what_has_vanished_is_all_there_is(server: S3Server) -> None:
    server.put(BUCKET, KEY, b"one\n")
    kept = lose(server, "a", ours)
    server.delete(BUCKET, KEY)
    kept.publish()
    assert content(server) == b"ours\n"


@pytest.mark.parametrize("there", [b"", None, "Ä".encode("utf-16")])
def test_a_codecs_mark_is_at_the_beginning_only(
    server: S3Server, there: bytes | None
) -> None:
    kept = lose(server, "a", lambda file: file.write("Ö"), encoding="utf-16")
    if there is not None:
        server.put(BUCKET, KEY, there)
    kept.publish()
    assert content(server).decode("utf-16") == ("Ä" if there else "") + "Ö"


def test_what_was_cut_in_append_mode_is_an_update(server: S3Server) -> None:
    server.put(BUCKET, KEY, b"0123456789")

    def write(file: Any) -> None:
        file.truncate(4)
        file.write(b"x")

    kept = lose(server, "ab", write)
    assert (kept.condition, kept.partial) == ("unchanged", True)
    kept.publish()
    assert content(server) == b"0123x"


@pytest.mark.parametrize("published", [False, True])
def test_an_append_whose_answer_was_lost_is_not_appended_twice(
    server: S3Server, published: bool
) -> None:
    server.put(BUCKET, KEY, b"one\n")
    kept = lose(server, "a", ours, *unknown("after" if published else "before"))
    assert kept.ambiguous
    expected = b"one\nours\n"
    if published:
        assert content(server) == expected
        with pytest.raises(ObjectChangedError, match="may have been appended"):
            kept.publish()
        kept.discard()
    else:
        # It is the version that was appended to: so it was not.
        kept.publish()
    assert content(server) == expected
    assert nothing_is_left()


def test_an_append_that_may_be_there_can_be_forced(server: S3Server) -> None:
    server.put(BUCKET, KEY, b"one\n")
    kept = lose(server, "a", ours, *unknown("before"))
    server.put(BUCKET, KEY, b"two\n")
    kept.publish(force=True)
    assert content(server) == b"two\nours\n"


def test_an_append_that_is_killed_while_it_is_recovered_is_not_appended_twice(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(path: Path) -> None:
        raise Killed

    server.put(BUCKET, KEY, b"one\n")
    kept = lose(server, "a", ours)
    assert not kept.ambiguous
    with monkeypatch.context() as patch:
        patch.setattr("s3open.writing.recovery.remove", killed)
        with pytest.raises(Killed):
            kept.publish()
    with pytest.raises(ObjectChangedError, match="may have been appended"):
        kept.publish()
    assert content(server) == b"one\nours\n"
    assert s3open.recover()[0].ambiguous


@pytest.mark.parametrize("mode", ["w", "x", "a", "r+"])
def test_what_fails_again_stays_where_it_is(server: S3Server, mode: str) -> None:
    if mode != "x":
        server.put(BUCKET, KEY, b"old")
    kept = lose(server, mode, lambda file: file.write("ours"))
    files = {path: path.read_bytes() for path in recovery.directory().iterdir()}
    with server.faulty(denied()), pytest.raises(PublishError) as caught:
        kept.publish()
    assert caught.value.recovery == kept.path
    assert kept.path in str(caught.value)
    assert s3open.recover() == [kept]
    assert {path.name for path in files} == set(os.listdir(recovery.directory()))
    assert Path(kept.path).read_bytes() == files[Path(kept.path)]
    kept.publish()
    assert nothing_is_left()


@pytest.mark.parametrize(
    ("mode", "condition"), [("w", "always"), ("x", "absent"), ("r+", "unchanged")]
)
def test_elsewhere_nothing_is_overwritten_unless_forced(
    server: S3Server, mode: str, condition: str
) -> None:
    if mode == "r+":
        server.put(BUCKET, KEY, b"old")
    kept = lose(server, mode, lambda file: file.write("ours and more"))
    assert kept.condition == condition
    other = f"s3://{BUCKET}/other"
    server.put(BUCKET, "other", b"theirs")
    with pytest.raises(FileExistsError):
        kept.publish(other)
    assert content(server, "other") == b"theirs"
    kept.publish(other, force=True)
    assert content(server, "other") == b"ours and more"
    assert nothing_is_left()


def test_elsewhere_an_append_is_appended(server: S3Server) -> None:
    server.put(BUCKET, KEY, b"one\n")
    server.put(BUCKET, "other", b"two\n")
    kept = lose(server, "a", ours)
    kept.publish(f"s3://{BUCKET}/other")
    assert content(server, "other") == b"two\nours\n"
    assert content(server) == b"one\n"


@pytest.mark.parametrize("name", ["/tmp/file", "file:///tmp/file", "redis://a/b"])
def test_only_s3_is_published_to(server: S3Server, name: str) -> None:
    kept = lose(server, "w", lambda file: file.write("x"))
    with pytest.raises(ValueError, match="not on S3"):
        kept.publish(name)


def test_what_is_discarded_is_gone(server: S3Server) -> None:
    kept = lose(server, "w", lambda file: file.write("x"))
    with server.counting() as tally:
        kept.discard()
    assert tally.total == 0
    assert nothing_is_left()
    for again in (kept.discard, kept.publish):
        with pytest.raises(FileNotFoundError):
            again()


def test_one_process_at_a_time_publishes_it(server: S3Server) -> None:
    kept = lose(server, "w", lambda file: file.write("x"))
    with open(kept.path, "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        for attempt in (kept.publish, kept.discard):
            with pytest.raises(BlockingIOError, match="another process"):
                attempt()
    kept.publish()
    assert content(server) == b"x"


def test_a_writer_that_nobody_closed_is_published_and_its_upload_aborted(
    server: S3Server,
) -> None:
    data = pattern(17 * MIB)
    file = s3open.open(URI, "wb", config=SMALL_PARTS)
    file.write(data)
    with pytest.warns(s3open.UnpublishedWarning, match="never closed"):
        del file
    (upload,) = server.uploads(BUCKET)
    assert upload.key == KEY
    (kept,) = s3open.recover()
    kept.publish(config=SMALL_PARTS)
    assert content(server) == data
    assert server.uploads(BUCKET) == []


def test_discarding_what_nobody_closed_aborts_its_upload(server: S3Server) -> None:
    for fault in (None, denied("AbortMultipartUpload")):
        file = s3open.open(URI, "wb", config=SMALL_PARTS)
        file.write(pattern(11 * MIB))
        with pytest.warns(s3open.UnpublishedWarning):
            del file
        (kept,) = s3open.recover()
        if fault is None:
            kept.discard()
            assert server.uploads(BUCKET) == []
        else:
            with server.faulty(fault), pytest.warns(match="could not be aborted"):
                kept.discard()
        assert nothing_is_left()


def test_it_goes_to_the_store_that_it_was_written_to(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = lose(server, "w", lambda file: file.write("x"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    kept.publish()
    assert content(server) == b"x"


def test_what_was_meant_for_aws_does_not_go_to_another_store(server: S3Server) -> None:
    kept = lose(server, "w", lambda file: file.write("x"))
    describe(kept, endpoint="https://s3.eu-west-1.amazonaws.com")
    with pytest.raises(ValueError, match="leads to http://127"):
        kept.publish()
    kept.publish(config=Config(endpoint_url=server.endpoint_url))
    assert content(server) == b"x"


def describe(kept: Recovered, **changes: object) -> None:
    """Change what is said of *kept*."""
    path = Path(kept.path).with_suffix(".json")
    about = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps(about))


KEY_BYTES = bytes(range(32))


def test_a_customers_key_is_not_kept_but_asked_for(server: S3Server) -> None:
    import base64

    kept = lose(server, "w", lambda file: file.write("x"), sse_customer_key=KEY_BYTES)
    for path in recovery.directory().iterdir():
        text = path.read_bytes()
        assert base64.b64encode(KEY_BYTES) not in text
        assert KEY_BYTES not in text
    with pytest.raises(ValueError, match="sse_customer_key"):
        kept.publish()
    kept.publish(sse_customer_key=KEY_BYTES)
    with s3open.open(URI, sse_customer_key=KEY_BYTES) as file:
        assert file.read() == "x"


@pytest.mark.parametrize("mode", ["a", "r+"])
def test_nor_is_the_key_of_an_update(server: S3Server, mode: str) -> None:
    with s3open.open(URI, "w", sse_customer_key=KEY_BYTES) as file:
        file.write("one")
    kept = lose(
        server, mode, lambda file: file.write("two"), sse_customer_key=KEY_BYTES
    )
    with pytest.raises(ValueError, match="sse_customer_key"):
        kept.publish()
    kept.publish(sse_customer_key=KEY_BYTES)
    with s3open.open(URI, sse_customer_key=KEY_BYTES) as file:
        assert file.read() == ("onetwo" if mode == "a" else "two")


@pytest.mark.parametrize(
    "changes",
    [
        {"size": -1},
        {"size": "9"},
        {"condition": "whenever"},
        {"written": [[5, 3]]},
        {"written": [[0, 1 << 40]]},
        {"written": 7},
        {"time": "yesterday"},
        {"base_size": None},
        {"bom": "zz"},
    ],
)
def test_a_damaged_description_is_told_and_hides_no_other(
    server: S3Server, changes: dict[str, object]
) -> None:
    kept = lose(server, "w", lambda file: file.write("all of it"))
    describe(kept, **changes)
    with pytest.warns(RuntimeWarning, match="describes no recovery file"):
        assert s3open.recover() == []
    with pytest.raises(ValueError, match="describes no recovery file"):
        kept.publish()
    assert Path(kept.path).exists()


def test_data_that_has_another_length_is_not_published(server: S3Server) -> None:
    kept = lose(server, "w", lambda file: file.write("all of it"))
    with open(kept.path, "ab") as file:
        file.write(b"x")
    with pytest.raises(ValueError, match="damaged"):
        kept.publish()
    assert s3open.recover() == [kept]


def test_data_that_is_cut_meanwhile_is_not_published(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(found: keeping.Kept, data: IO[bytes]) -> None:
        os.truncate(found.data, 4)

    kept = lose(server, "w", lambda file: file.write("all of it"))
    monkeypatch.setattr(keeping, "check", cut)
    with pytest.raises(OSError, match="ends early"):
        kept.publish()
    assert server.keys(BUCKET) == []


def test_a_description_of_nothing_is_none(server: S3Server) -> None:
    kept = lose(server, "w", lambda file: file.write("all of it"))
    os.unlink(kept.path)
    assert s3open.recover() == []


def test_a_link_is_not_followed(server: S3Server, tmp_path: Path) -> None:
    kept = lose(server, "w", lambda file: file.write("x"))
    secret = tmp_path / "secret"
    secret.write_bytes(b"x")
    os.unlink(kept.path)
    os.symlink(secret, kept.path)
    with pytest.raises(OSError, match="symbolic"):
        kept.publish()
    assert server.keys(BUCKET) == []


def test_no_path_is_taken_from_a_description(server: S3Server, tmp_path: Path) -> None:
    kept = lose(server, "w", lambda file: file.write("x"))
    secret = tmp_path / "secret"
    secret.write_bytes(b"y")
    describe(kept, path=str(secret), data=str(secret), name="../../secret")
    (again,) = s3open.recover()
    assert again == kept
    again.publish()
    assert content(server) == b"x"
    assert secret.exists()
