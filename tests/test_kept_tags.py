"""Tags of what is uploaded in parts, or copied, on stores that garble them, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import s3open
from s3open.s3 import endpoint
from s3open.testing import Fault

if TYPE_CHECKING:
    from s3open.testing import S3Server
    from tests.stores import S3Store

MIB = 1 << 20
TAGS = {"colour": "dark red", "empty": "", "a:b": "1=2+3"}


def test_they_are_kept_by_an_upload_in_parts(s3: S3Store) -> None:
    uri = s3.name("large")
    config = s3open.Config(part_size=5 * MIB)
    with s3open.open(uri, "wb", tags=TAGS, config=config) as file:
        file.write(bytes(11 * MIB))
    assert s3open.tags(uri) == TAGS
    with s3open.open(uri, "ab", config=config) as file:
        file.write(b"more")
    assert s3open.tags(uri) == TAGS


def test_they_are_kept_by_a_copy_with_other_metadata(s3: S3Store) -> None:
    s3open.write_bytes(s3.name("from"), b"12345", tags=TAGS)
    s3open.cp(s3.name("from"), s3.name("to"), metadata={"new": "1"})
    assert s3open.stat(s3.name("to")).metadata == {"new": "1"}
    assert s3open.tags(s3.name("to")) == TAGS


@pytest.fixture
def uri(
    s3open_server: S3Server, s3open_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> str:
    known = (s3open_server.endpoint_url, endpoint.TAGGED)
    monkeypatch.delitem(endpoint._known, known, raising=False)
    return f"s3://{s3open_bucket}/key"


def copied(uri: str) -> None:
    s3open.set_metadata(uri, {"a": "b"})


def test_whether_they_are_kept_is_asked_once(s3open_server: S3Server, uri: str) -> None:
    s3open.write_bytes(uri, b"12345", tags=TAGS)
    for times in (2, 1):
        with s3open_server.counting() as seen:
            copied(uri)
        assert seen.operations["GetObjectTagging"] == times
        assert seen.operations["PutObjectTagging"] == 0


def test_where_they_are_not_they_are_set_once_more(
    s3open_server: S3Server, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3open.write_bytes(uri, b"12345", tags=TAGS)
    known = (s3open_server.endpoint_url, endpoint.TAGGED)
    monkeypatch.setitem(endpoint._known, known, endpoint.Honours.LACKS)
    with s3open_server.faulty(Fault("PutObjectTagging", status=503)):
        copied(uri)
    assert s3open_server.counts()["PutObjectTagging"] == 2
    assert s3open.tags(uri) == TAGS


def test_a_garbled_answer_is_no_tags(s3open_server: S3Server, uri: str) -> None:
    s3open.write_bytes(uri, b"12345", tags=TAGS)
    garbled = Fault("GetObjectTagging", body=b" ", skip=1)
    with s3open_server.faulty(garbled):
        copied(uri)
    assert s3open_server.counts()["PutObjectTagging"] == 1
    known = endpoint.honours(s3open_server.endpoint_url, endpoint.TAGGED)
    assert known is endpoint.Honours.LACKS


def test_what_cannot_be_set_is_warned_of(
    s3open_server: S3Server, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3open.write_bytes(uri, b"12345", tags=TAGS)
    known = (s3open_server.endpoint_url, endpoint.TAGGED)
    monkeypatch.setitem(endpoint._known, known, endpoint.Honours.LACKS)
    s3open_server.deny("PutObjectTagging")
    with pytest.warns(RuntimeWarning, match="loses its tags"):
        copied(uri)


@pytest.mark.parametrize("status", [403, 503])
def test_who_cannot_look_sets_them_and_remembers_nothing(
    s3open_server: S3Server, uri: str, status: int
) -> None:
    failing = Fault("GetObjectTagging", status=status)
    config = s3open.Config(part_size=5 * MIB)
    with (
        s3open_server.faulty(failing),
        s3open.open(uri, "wb", tags=TAGS, config=config) as file,
    ):
        file.write(bytes(11 * MIB))
    assert s3open_server.counts()["PutObjectTagging"] == 1
    assert s3open.tags(uri) == TAGS
    assert endpoint.honours(s3open_server.endpoint_url, endpoint.TAGGED) is None
