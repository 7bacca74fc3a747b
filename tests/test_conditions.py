"""Conditional requests: stat, write, remove and copy if it is what is meant."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import Config, errors
from s3open.s3 import retry
from s3open.testing import Fault
from tests.stores import MIB, open_any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from s3open.testing import S3Server
    from tests.stores import S3Store

WRONG = "0" * 32
PAST = datetime(2001, 2, 3, tzinfo=timezone.utc)
KEY = "s3://box/key"
PARTS = Config(part_size=5 * MIB)


@pytest.fixture
def server(
    s3open_server: S3Server,
    monkeypatch: pytest.MonkeyPatch,
    _private_recovery: None,
    _known_to_honour: None,
) -> S3Server:
    monkeypatch.setattr(retry, "pause", lambda _: None)
    s3open_server.create_bucket("box")
    s3open_server.put("box", "key", b"old")
    return s3open_server


# --- on every store ---------------------------------------------------------


def test_a_status_is_told_on_conditions(s3: S3Store) -> None:
    uri = s3.put("key", b"12345")
    etag = s3open.etag(uri)
    future = datetime.now(timezone.utc) + timedelta(seconds=2)
    assert s3open.stat(uri, if_match=etag).size == 5
    assert s3open.stat(uri, if_none_match=WRONG).size == 5
    assert s3open.stat(uri, if_modified_since=PAST).size == 5
    assert s3open.stat(uri, if_unmodified_since=future).size == 5
    with pytest.raises(s3open.NotModifiedError):
        s3open.stat(uri, if_none_match=f'"{etag}"')
    with pytest.raises(s3open.PreconditionFailedError):
        s3open.stat(uri, if_match=WRONG)
    with pytest.raises(s3open.PreconditionFailedError):
        s3open.stat(uri, if_unmodified_since=PAST)
    with pytest.raises(FileNotFoundError):
        s3open.stat(s3.name("nothing"), if_match=etag)
    assert s3open.S3Path(uri).stat(if_match=etag).size == 5


def test_only_what_was_seen_is_replaced(s3: S3Store) -> None:
    uri = s3.put("key", b"old")
    etag = s3open.etag(uri)
    s3open.write_bytes(uri, b"new", if_match=etag)
    assert s3.read("key") == b"new"
    for mode in ("w", "wb"):
        with (
            pytest.raises(errors.ObjectChangedError),
            open_any(uri, mode, if_match=etag, on_unclosed="publish") as file,
        ):
            file.write("lost" if mode == "w" else b"lost")
    with pytest.raises(errors.ObjectChangedError):
        s3open.write_text(uri, "lost", "utf-8", if_match=etag)
    with pytest.raises(errors.ObjectChangedError):
        s3open.write_bytes(s3.name("nothing"), b"x", if_match=etag)
    assert s3.read("key") == b"new"
    assert s3.keys() == ["key"]


def test_only_what_was_seen_is_removed(s3: S3Store) -> None:
    uri = s3.put("key", b"old")
    etag = s3open.etag(uri)
    s3.put("key", b"new")
    with pytest.raises(errors.ObjectChangedError):
        s3open.rm(uri, if_match=etag)
    assert s3.read("key") == b"new"
    s3open.rm(uri, if_match=s3open.etag(uri))
    assert not s3.exists("key")


def test_only_what_was_seen_is_copied(s3: S3Store, tmp_path: Path) -> None:
    uri = s3.put("key", b"old")
    etag = s3open.etag(uri)
    for target in (s3.name("copy"), os.fspath(tmp_path / "copy")):
        s3open.cp(uri, target, if_match=etag)
        assert s3open.read_bytes(target) == b"old"
    s3.put("key", b"newer")
    for target in (s3.name("copy"), os.fspath(tmp_path / "copy")):
        with pytest.raises(s3open.PreconditionFailedError):
            s3open.cp(uri, target, if_match=etag)
        assert s3open.read_bytes(target) == b"old"
    with pytest.raises(s3open.PreconditionFailedError):
        s3open.cp(uri, s3.name("copy"), if_match=etag, content_type="text/x-other")


# --- on our own server ------------------------------------------------------


@pytest.mark.usefixtures("_each_transport")
@pytest.mark.parametrize(
    ("requests", "ask"),
    [
        ({"HeadObject": 1}, lambda etag: s3open.stat(KEY, if_match=etag)),
        ({"PutObject": 1}, lambda etag: s3open.write_bytes(KEY, b"x", if_match=etag)),
        (
            {"HeadObject": 1, "DeleteObject": 1},
            lambda etag: s3open.rm(KEY, if_match=etag),
        ),
    ],
)
def test_it_costs_no_more(
    server: S3Server,
    monkeypatch: pytest.MonkeyPatch,
    requests: dict[str, int],
    ask: Callable[[str], Any],
) -> None:
    from s3open.s3 import endpoint

    known = (server.endpoint_url, endpoint.DELETE)
    monkeypatch.setitem(endpoint._known, known, endpoint.Honours.YES)
    etag = server.head("box", "key").etag
    with server.counting() as seen:
        ask(etag)
    assert seen.operations == requests
    told = [each.headers.get("if-match") for each in seen.records]
    assert told[-1] == f'"{etag}"'


@pytest.mark.usefixtures("_each_transport")
def test_a_condition_outlives_a_lost_answer(server: S3Server) -> None:
    for content in (b"new", bytes(5 * MIB + 1)):
        etag = server.head("box", "key").etag
        verb = "PutObject" if len(content) < MIB else "CompleteMultipartUpload"
        with server.faulty(Fault(verb, drop="after", times=1)) as armed:
            fs = s3open.FileSystem(PARTS)
            fs.write_bytes(KEY, content, if_match=etag)
        assert armed.fired == 1
        assert server.read("box", "key") == content


@pytest.mark.usefixtures("_each_transport")
def test_what_is_large_is_refused_before_it_is_sent(
    server: S3Server, tmp_path: Path
) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(6 * MIB))
    fs = s3open.FileSystem(PARTS)
    with server.counting() as seen, pytest.raises(errors.ObjectChangedError):
        fs.upload(path, KEY, if_match=WRONG)
    assert seen.operations == {"HeadObject": 1}
    fs.upload(path, KEY, if_match=server.head("box", "key").etag)
    assert server.head("box", "key").size == 6 * MIB


@pytest.mark.usefixtures("_each_transport")
def test_a_large_source_is_what_it_has_to_be(server: S3Server, tmp_path: Path) -> None:
    content = bytes(range(256)) * (24 << 10)
    etag = server.put("box", "large", content)
    fs = s3open.FileSystem(PARTS)
    fs.cp("s3://box/large", tmp_path / "copy", if_match=etag)
    assert (tmp_path / "copy").read_bytes() == content
    with pytest.raises(s3open.PreconditionFailedError):
        fs.cp("s3://box/large", tmp_path / "copy", if_match=WRONG)
    with pytest.raises(s3open.PreconditionFailedError):
        fs.cp("s3://box/large", "s3://box/copy", if_match=WRONG)
    server.put("box", "empty", b"")
    with pytest.raises(s3open.PreconditionFailedError):
        fs.cp("s3://box/empty", tmp_path / "empty", if_match=WRONG)


def test_what_could_not_be_published_is_kept_with_its_condition(
    server: S3Server,
) -> None:
    etag = server.head("box", "key").etag
    with server.faulty(Fault("PutObject", status=403, times=1)):
        with pytest.raises(s3open.PublishError):
            with s3open.open(KEY, "wb", if_match=etag) as file:
                file.write(b"new")
    (kept,) = s3open.recover()
    assert kept.condition == "match"
    server.put("box", "key", b"other")
    with pytest.raises(errors.ObjectChangedError):
        kept.publish()
    (kept,) = s3open.recover()
    server.put("box", "key", b"old")
    kept.publish()
    assert server.read("box", "key") == b"new"
    assert s3open.recover() == []


def test_what_is_kept_replaces_anything_if_it_is_forced(server: S3Server) -> None:
    with pytest.raises(errors.ObjectChangedError):
        with s3open.open(KEY, "wb", if_match=WRONG) as file:
            file.write(b"new")
    (kept,) = s3open.recover()
    kept.publish(force=True)
    assert server.read("box", "key") == b"new"


@pytest.mark.parametrize(
    ("kind", "ask"),
    [
        (TypeError, lambda: s3open.stat(KEY, if_matches="x")),
        (ValueError, lambda: s3open.stat(__file__, if_match="x")),
        (TypeError, lambda: s3open.stat(KEY, if_modified_since="now")),
        (ValueError, lambda: s3open.stat(KEY, if_match="a\nb")),
        (ValueError, lambda: s3open.write_bytes(KEY, b"", if_match="*")),
        (TypeError, lambda: s3open.write_bytes(KEY, b"", if_match=1)),
        (
            ValueError,
            lambda: s3open.write_bytes(KEY, b"", if_match="x", overwrite=False),
        ),
        (ValueError, lambda: open_any(KEY, "xb", if_match="x")),
        (ValueError, lambda: open_any(KEY, "ab", if_match="x")),
        (ValueError, lambda: open_any(KEY, "r+b", if_match="x")),
        (ValueError, lambda: open_any(KEY, "w+b", if_match='W/"x"')),
        (ValueError, lambda: open_any(KEY, "wb", if_none_match="x")),
        (ValueError, lambda: s3open.rm(KEY, if_match="x", version_id="y")),
        (ValueError, lambda: s3open.rm("s3://box/", if_match="x", recursive=True)),
        (ValueError, lambda: s3open.rm("/tmp/none", if_match="x")),
        (ValueError, lambda: s3open.cp(KEY, KEY + "2", if_match="x", version_id="y")),
        (
            ValueError,
            lambda: s3open.cp("s3://box/", "s3://box2", if_match="x", recursive=True),
        ),
        (ValueError, lambda: s3open.cp(__file__, KEY, if_match="x")),
    ],
)
def test_what_cannot_be_is_refused_before_any_request(
    server: S3Server, kind: type[Exception], ask: Callable[[], Any]
) -> None:
    with server.counting() as seen, pytest.raises(kind):
        ask()
    assert seen.total == 0


def test_an_etag_is_of_one_file(server: S3Server, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="if_match"):
        s3open.rm("s3://box/*", if_match="x")
    with pytest.raises(ValueError, match="if_match is for one file"):
        s3open.cp("s3://box/*", tmp_path, if_match="x")
    with pytest.raises(ValueError, match="if_match"):
        s3open.sync("s3://box/", tmp_path, if_match="x")
    assert server.read("box", "key") == b"old"


def test_here_nothing_has_an_etag_to_be_replaced(
    server: S3Server, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="if_match"):
        s3open.write_bytes(tmp_path / "x", b"", if_match="x")
    assert not (tmp_path / "x").exists()
