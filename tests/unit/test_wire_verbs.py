"""The wire's smaller verbs, and what becomes of answers that lack something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from s3open import errors
from s3open.contract import ALWAYS, Attributes
from s3open.location import Location
from s3open.s3.wire import pool
from tests.unit.answering import Answering, error, ok, reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.s3.wire.verbs import WireVerbs

AT = Location("bucket", "key", "s3://bucket/key")
BROKEN = "Transfer-Encoding: chunked"
TEN = ok(b"0123456789", "Content-Range: bytes 0-9/10")


def test_tags() -> None:
    document = b"""<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet>
        <Tag><Key>a</Key><Value>1 &lt; 2</Value></Tag><Tag><Key>b</Key><Value/></Tag>
        </TagSet></Tagging>"""
    with Answering([[ok(document)]]) as server:
        found = server.verbs().get_object_tags(AT, settings={"VersionId": "v/1"})
    assert found == {"a": "1 < 2", "b": ""}
    assert server.asked[0].line == "GET /bucket/key?tagging=&versionId=v%2F1 HTTP/1.1"


def test_tags_are_set() -> None:
    with Answering([[ok()]]) as server:
        server.verbs().put_object_tags(
            AT, {"a": "1 < 2", "b": ""}, settings={"VersionId": "v"}
        )
    [asked] = server.asked
    assert asked.line == "PUT /bucket/key?tagging=&versionId=v HTTP/1.1"
    assert asked.body == (
        b'<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet>'
        b"<Tag><Key>a</Key><Value>1 &#60; 2</Value></Tag>"
        b"<Tag><Key>b</Key><Value></Value></Tag></TagSet></Tagging>"
    )
    assert asked.headers["content-md5"]


def test_a_deletion() -> None:
    with Answering([[reply(b"", status="204 No Content"), TEN]]) as server:
        verbs = server.verbs()
        verbs.delete_object(AT)
        verbs.get_object(AT, range(10)).body.close()
    assert server.asked[0].line == "DELETE /bucket/key HTTP/1.1"
    assert server.asked[1].connection == 0


def test_an_upload_that_exists() -> None:
    with Answering([[ok(b"<ListPartsResult/>")]]) as server:
        assert server.verbs().upload_exists(AT, "u")


@pytest.mark.parametrize(
    ("ask", "answer", "message"),
    [
        (lambda v: v.head_object(AT), reply(b"", 'ETag: "e"'), "how long"),
        (
            lambda v: v.create_multipart_upload(AT, Attributes()),
            ok(b"<Result/>"),
            "not a store's",
        ),
        (lambda v: v.upload_part(AT, "u", 1, [b"x"]), ok(), "not a store's"),
        (
            lambda v: v.upload_exists(AT, "u"),
            error("AccessDenied", "403 Forbidden"),
            "AccessDenied",
        ),
        (
            lambda v: v.get_object_tags(AT),
            reply(b"-1\r\n", BROKEN),
            "not HTTP",
        ),
        (
            lambda v: v.get_object(AT, range(1)),
            reply(b"-1\r\n", BROKEN, status="404 Not Found"),
            "not HTTP",
        ),
        (
            lambda v: v.get_object(AT, range(1)),
            ok(
                b"<ErrorResponse><Error><Code>Odd</Code></Error></ErrorResponse>",
                status="418 No",
            ),
            "Odd",
        ),
    ],
)
def test_what_an_answer_lacks_is_said(
    ask: Callable[[WireVerbs], Any], answer: bytes, message: str
) -> None:
    with Answering([[answer]]) as server:
        with pytest.raises(errors.S3Error, match=message) as caught:
            ask(server.verbs())
    assert caught.value.filename == AT.uri


@pytest.mark.parametrize(
    "ask",
    [
        lambda v: v.put_object(AT, [], Attributes(settings={"What": "x"}), ALWAYS),
        lambda v: v.head_object(AT, settings={"VersionId": 1.5}),
    ],
)
def test_what_cannot_be_said_is_not_sent(ask: Callable[[WireVerbs], Any]) -> None:
    with Answering([]) as server, pytest.raises(errors.S3InvalidArgumentError):
        ask(server.verbs())


def raising(error: Exception) -> Callable[..., NoReturn]:
    def ask(*_: object) -> NoReturn:
        raise error

    return ask


@pytest.mark.parametrize("what", ["address", "credentials"])
def test_what_botocore_raises_is_ours(what: str) -> None:
    from botocore import exceptions

    with Answering([]) as server:
        for theirs, ours in (
            (exceptions.NoCredentialsError(), PermissionError),
            (exceptions.ParamValidationError(report="odd name"), ValueError),
            (ValueError("odd name"), errors.S3InvalidArgumentError),
            (errors.S3ServerError.at("x"), errors.S3ServerError),
            (ZeroDivisionError(), ZeroDivisionError),
        ):
            verbs = server.verbs(**{what: raising(theirs)})
            with pytest.raises(ours):
                verbs.delete_object(AT)


def test_a_head_is_an_error_where_nobody_says_where_the_bucket_is() -> None:
    moved = reply(b"", status="301 Moved Permanently")
    with Answering([[moved, b""]]) as server:
        with pytest.raises(errors.S3Error) as caught:
            server.verbs().head_object(AT)
    assert caught.value.status == 301
    assert len(server.asked) == 2


def test_a_connection_over_which_too_much_came_is_dropped() -> None:
    with Answering([[TEN + b"more"], [TEN]]) as server:
        verbs = server.verbs()
        for _ in range(2):
            verbs.get_object(AT, range(10)).body.close()
    assert [asked.connection for asked in server.asked] == [0, 1]


def test_the_newest_connections_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_IDLE", 1)
    with Answering([[TEN, TEN], [TEN, TEN]]) as server:
        verbs = server.verbs()
        large = [verbs.get_object(AT, range(10)) for _ in range(2)]
        for answer in large:
            answer.body.close()
        verbs.get_object(AT, range(10)).body.close()
    assert len(server.asked) == 3


def test_a_connection_that_was_idle_for_long_is_not_trusted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "_AGE", 0.0)
    with Answering([[TEN, TEN], [TEN]]) as server:
        verbs = server.verbs()
        for _ in range(2):
            verbs.get_object(AT, range(10)).body.close()
    assert [asked.connection for asked in server.asked] == [0, 1]
