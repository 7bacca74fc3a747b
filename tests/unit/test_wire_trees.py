"""Listings, deletions and copies on the wire, by stores with words of their own."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus
from xml.etree import ElementTree

import pytest

from s3open import errors
from s3open.contract import ALWAYS, IF_ABSENT, Attributes, Condition, Doomed, Entry
from s3open.location import Location
from s3open.s3.wire import listings
from s3open.s3.wire.listings import Listing, cut, decoded
from tests.unit.answering import Answering, ok, reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.contract import Page
    from s3open.s3.wire.verbs import WireVerbs

AT = Location("bucket", "pre fix", "s3://bucket/pre fix")
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
MOMENT = datetime(2026, 11, 26, 6, 57, 41, tzinfo=timezone.utc)


def entry(key: str, more: str = "", size: int = 5) -> str:
    """Return what S3 says of an object."""
    return (
        f"<Contents><Key>{key}</Key><LastModified>2026-11-26T06:57:41.000Z"
        f"</LastModified><ETag>&quot;e{size}&quot;</ETag>"
        "<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm>"
        f"<ChecksumType>FULL_OBJECT</ChecksumType><Size>{size}</Size>{more}"
        "<StorageClass>STANDARD</StorageClass></Contents>"
    )


def listing(
    *items: str, encoded: bool = True, more: str = "", name: str = "ListBucketResult"
) -> bytes:
    """Return the document of a page."""
    encoding = "<EncodingType>url</EncodingType>" if encoded else ""
    if "IsTruncated" not in more:
        more += "<IsTruncated>false</IsTruncated>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{NAMESPACE}">'
        f"<Name>bucket</Name>{encoding}{more}{''.join(items)}</{name}>"
    ).encode()


def read(document: bytes) -> Page:
    """Return the page that *document* is."""
    found = cut(document)
    return Listing(ElementTree.fromstring(found.rest), found).objects()


def plainly(document: bytes) -> Page:
    """Return the same, of which nothing was cut out."""
    whole = listings.Cut(document, [], {})
    return Listing(ElementTree.fromstring(document), whole).objects()


PREFIXES = "<CommonPrefixes><Prefix>b%20/</Prefix></CommonPrefixes>"
NEXT = "NextContinuationToken"
MORE = f"<IsTruncated>true</IsTruncated><{NEXT}>1&lt;2</{NEXT}>"
OWNER = "<Owner><ID>id</ID><DisplayName>Ada</DisplayName></Owner>"


@pytest.mark.parametrize(
    ("document", "names", "rest"),
    [
        (listing(entry("a"), entry("b%2Bc/d+e%25")), ["a", "b+c/d e%"], 0),
        (
            listing(entry("a"), "\n ", entry("b")).replace(b"><", b">\n <"),
            ["a", "b"],
            0,
        ),
        (listing(entry("a", OWNER), entry("b")), ["a", "b"], 1),
        (listing(entry("b", OWNER), entry("a")), ["a", "b"], 1),
        (listing(entry("a&amp;b"), entry("c"), encoded=False), ["a&b", "c"], 1),
        (listing(entry("a%20b"), encoded=False), ["a%20b"], 0),
        (listing("<!-- <Contents> -->", entry("a")), ["a"], 1),
        (listing(entry("a").replace("&quot;", "&#34;")), ["a"], 1),
        (listing(entry("a").replace("</Key>", "</Key><New/>")), ["a"], 1),
        (listing(PREFIXES, entry("a"), more=MORE), ["a"], 0),
        (listing(), [], 0),
        (listing(entry("é"), encoded=False).decode().encode("utf-8"), ["é"], 0),
    ],
)
def test_entries_in_any_form_are_read_as_a_parser_reads_them(
    document: bytes, names: list[str], rest: int
) -> None:
    page = read(document)
    assert [each.name for each in page.entries] == names
    assert sorted(plainly(document).entries) == page.entries
    assert cut(document).rest.count(b"</Contents>") == rest
    for each in page.entries:
        assert each[1:5] == (5, MOMENT, '"e5"', "STANDARD")


def test_a_page_says_all_that_there_is_to_say() -> None:
    page = read(listing(entry("a", OWNER), PREFIXES, more=MORE))
    assert page.entries == [Entry("a", 5, MOMENT, '"e5"', "STANDARD", owner="Ada")]
    assert page.prefixes == ["b /"]
    assert page.token == "1<2"


def test_what_is_not_utf_8_is_for_the_parser() -> None:
    document = listing(entry("é"), encoded=False).decode().replace("UTF-8", "latin-1")
    assert read(document.encode("latin-1")).entries[0].name == "é"


def test_a_token_may_have_letters_that_xml_does_not_have() -> None:
    odd = "a&#x01;b&#7;&amp;lt;&odd;&#xD800;&#x110000;"
    more = MORE.replace("1&lt;2", odd)
    more += f"<StartAfter>{odd}</StartAfter>"
    page = read(listing(entry("a"), more=more))
    assert page.token == "a\x01b\x07&lt;&odd;&#xD800;&#x110000;"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-26T06:57:41.000Z", MOMENT),
        ("2026-11-26T06:57:41Z", MOMENT),
        ("2026-11-26T06:57:41.123456789Z", MOMENT.replace(microsecond=123000)),
        ("2026-11-26T08:57:41+02:00", MOMENT),
        ("Thu, 26 Nov 2026 06:57:41 GMT", MOMENT),
        ("yesterdayZ", None),
        ("", None),
    ],
)
def test_times_are_read_in_any_form(text: str, moment: datetime | None) -> None:
    document = listing(entry("a")).replace(b"2026-11-26T06:57:41.000Z", text.encode())
    assert read(document).entries[0].last_modified == moment


def test_keys_are_decoded() -> None:
    for key in ("a", "a b/c", "a/b+c", "ü/ä/", "//", "%41/%42", ""):
        assert decoded(quote(key)) == decoded(quote_plus(key)) == key


def asked(ask: Callable[[WireVerbs], Any], *answers: bytes) -> tuple[Any, Answering]:
    with Answering([answers]) as server:
        return ask(server.verbs()), server


def test_a_listing_asks_for_what_it_is_to_have() -> None:
    done = listing(more="<IsTruncated>false</IsTruncated>")
    _, server = asked(lambda v: v.list_objects(AT), ok(done))
    everything = "GET /bucket/?encoding-type=url&list-type=2&prefix=pre%20fix HTTP/1.1"
    assert server.asked[0].line == everything
    given: dict[str, Any] = {"delimiter": "/", "start_after": "x", "max_keys": 3}
    given |= {"owner": True, "settings": {"ExpectedBucketOwner": "1", "VersionId": "v"}}
    _, server = asked(lambda v: v.list_objects(AT, **given), ok(done))
    assert server.asked[0].line == (
        "GET /bucket/?delimiter=%2F&encoding-type=url&fetch-owner=true&list-type=2"
        "&max-keys=3&prefix=pre%20fix&start-after=x HTTP/1.1"
    )
    assert server.asked[0].headers["x-amz-expected-bucket-owner"] == "1"
    _, server = asked(
        lambda v: v.list_objects(AT, token="t", start_after="x"), ok(done)
    )
    assert "&continuation-token=t&" in server.asked[0].line.replace("?", "&")
    assert "start-after" not in server.asked[0].line


def test_who_does_not_say_whether_keys_are_encoded_is_asked_again() -> None:
    silent = listing(entry("a+b"), encoded=False)
    page, server = asked(
        lambda v: v.list_objects(AT),
        ok(silent),
        ok(listing(entry("a b"), encoded=False)),
    )
    assert [each.name for each in page.entries] == ["a b"]
    assert "encoding-type" not in server.asked[1].line
    for fine in (listing(entry("a%b"), encoded=False), listing(entry("a+b"))):
        page, server = asked(lambda v: v.list_objects(AT), ok(fine))
        assert len(server.asked) == 1


def versions(*items: str, more: str = "") -> bytes:
    return listing(*items, more=more, name="ListVersionsResult")


def version(key: str, number: int, latest: str, kind: str = "Version") -> str:
    more = (
        f"<ETag>&quot;e&quot;</ETag><Size>{number}</Size>" if kind == "Version" else ""
    )
    return (
        f"<{kind}><Key>{key}</Key><VersionId>v{number}</VersionId><IsLatest>{latest}"
        f"</IsLatest><LastModified>2026-11-26T06:57:41.000Z</LastModified>{more}</{kind}>"
    )


TRUNCATED = "<IsTruncated>true</IsTruncated><NextKeyMarker>{}</NextKeyMarker>"


@pytest.mark.parametrize("said", ["", "<IsTruncated>yes</IsTruncated>"])
def test_a_page_that_does_not_say_whether_it_is_the_last_is_refused(said: str) -> None:
    last = b"<IsTruncated>false</IsTruncated>"
    for document in (listing(entry("a")), versions(version("a", 1, "true"))):
        found = cut(document.replace(last, said.encode()))
        page = Listing(ElementTree.fromstring(found.rest), found)
        with pytest.raises(ValueError, match="this is all"):
            page.versions() if b"Version" in document else page.objects()


def test_versions_are_told_in_the_order_in_which_they_come() -> None:
    document = versions(
        version("a+b", 3, "true"),
        version("a+b", 2, "false", "DeleteMarker"),
        version("a+b", 1, "false"),
        more="<IsTruncated>false</IsTruncated>",
    )
    page, server = asked(lambda v: v.list_versions(AT, delimiter="/"), ok(document))
    assert page.entries == [
        Entry("a b", 3, MOMENT, '"e"', version_id="v3"),
        Entry("a b", None, MOMENT, version_id="v2", latest=False, deleted=True),
        Entry("a b", 1, MOMENT, '"e"', version_id="v1", latest=False),
    ]
    assert page.token is None
    assert server.asked[0].line == (
        "GET /bucket/?delimiter=%2F&encoding-type=url&prefix=pre%20fix&versions= "
        "HTTP/1.1"
    )


@pytest.mark.parametrize("marker", ["a+b", "a b"])
def test_the_next_page_of_versions_begins_behind_the_last_one(marker: str) -> None:
    """Ceph 16.2 does not encode where it begins."""
    more = TRUNCATED.format(marker)
    more += "<NextVersionIdMarker>v/1</NextVersionIdMarker>"
    page, _ = asked(
        lambda v: v.list_versions(AT),
        ok(versions(version("a+b", 1, "true"), more=more)),
    )
    assert page.token == "a b\0v/1"
    _, server = asked(lambda v: v.list_versions(AT, token=page.token), ok(versions()))
    assert "&key-marker=a%20b&" in server.asked[0].line
    assert "&version-id-marker=v%2F1&" in server.asked[0].line


def test_the_next_page_may_begin_behind_what_keys_have_in_common() -> None:
    page, _ = asked(
        lambda v: v.list_versions(AT),
        ok(versions(PREFIXES, more=TRUNCATED.format("b+/"))),
    )
    assert page.token == "b /\0"
    _, server = asked(lambda v: v.list_versions(AT, token=page.token), ok(versions()))
    assert "version-id-marker" not in server.asked[0].line


NO_TOKEN = "<IsTruncated>true</IsTruncated>"


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda v: v.list_objects(AT), ok(listing(more=NO_TOKEN))),
        (lambda v: v.list_versions(AT), ok(versions(more=NO_TOKEN))),
        (lambda v: v.list_objects(AT), ok(b"<html><body/></html>")),
        (lambda v: v.list_objects(AT), ok(listing(entry("a"))[:-20])),
        (lambda v: v.list_objects(AT), ok(listing(entry("a"))[:-40])),
        (
            lambda v: v.list_objects(AT),
            ok(listing(entry("a", OWNER).replace("<Size>5<", "<Size>x<"))),
        ),
        (lambda v: v.list_versions(AT), ok(listing())),
        (lambda v: v.delete_object(AT), ok(b"<html><body/></html>")),
        (lambda v: v.delete_objects(AT, [Doomed("a")]), ok(b"<html/>")),
        (lambda v: v.copy_object(AT, AT, None, ALWAYS), ok(b"<html/>")),
        (lambda v: v.copy_object(AT, AT, None, ALWAYS), ok()),
        (
            lambda v: v.copy_object(AT, AT, None, ALWAYS),
            ok(b"<CopyObjectResult><ETag/></CopyObjectResult>"),
        ),
    ],
)
def test_what_no_store_says_is_taken_for_no_success(
    ask: Callable[[WireVerbs], Any], answer: bytes
) -> None:
    with pytest.raises(errors.S3ServerError) as caught:
        asked(ask, answer)
    assert caught.value.retryable
    assert caught.value.filename == AT.uri


DELETED = f'<DeleteResult xmlns="{NAMESPACE}"/>'.encode()


def test_a_deletion_of_many_names_them_all() -> None:
    doomed = [Doomed("a<&>"), Doomed("b\r\n\tc", "v1"), Doomed("d", None, '"e"')]
    given = {"MFA": "serial 123456", "BypassGovernanceRetention": True}
    found, server = asked(
        lambda v: v.delete_objects(AT, doomed, settings=given), ok(DELETED)
    )
    assert found == {}
    (request,) = server.asked
    assert request.line == "POST /bucket/?delete= HTTP/1.1"
    digest = base64.b64encode(hashlib.md5(request.body).digest()).decode()
    assert request.headers["content-md5"] == digest
    assert request.headers["x-amz-mfa"] == "serial 123456"
    assert request.headers["x-amz-bypass-governance-retention"] == "true"
    root = ElementTree.fromstring(request.body)
    space = f"{{{NAMESPACE}}}"
    told = [
        {child.tag.removeprefix(space): child.text for child in item}
        for item in root.iter(f"{space}Object")
    ]
    assert told == [
        {"Key": "a<&>"},
        {"Key": "b\r\n\tc", "VersionId": "v1"},
        {"Key": "d", "ETag": '"e"'},
    ]
    assert root.findtext(f"{space}Quiet") == "true"


def refusal(key: str, code: str, more: str = "") -> bytes:
    return (
        f"<DeleteResult><Error><Key>{key}</Key>{more}<Code>{code}</Code>"
        "<Message>No.</Message></Error></DeleteResult>"
    ).encode()


@pytest.mark.parametrize(
    ("answer", "one", "kind", "retryable"),
    [
        (refusal("a&amp;", "AccessDenied"), 0, PermissionError, False),
        (refusal("a&amp;", "InternalError"), 0, errors.S3ServerError, True),
        (refusal("a&amp;", "SlowDown"), 0, errors.S3TimeoutError, True),
        (refusal("b", "NoSuchVersion", "<VersionId>v2</VersionId>"), 2, OSError, False),
        (refusal("b", "PreconditionFailed"), 2, errors.ObjectChangedError, False),
    ],
)
def test_what_was_not_deleted_is_told_one_by_one(
    answer: bytes, one: int, kind: type[OSError], retryable: bool
) -> None:
    doomed = [Doomed("a&"), Doomed("b", "v1"), Doomed("b", "v2")]
    found, _ = asked(lambda v: v.delete_objects(AT, doomed), ok(answer))
    assert list(found) == [doomed[one]]
    (error,) = found.values()
    assert issubclass(type(error), kind)
    assert error.filename == f"s3://bucket/{doomed[one].key}"
    assert (error.retryable or error.passing) == retryable


def test_a_refusal_of_what_nobody_asked_for_is_no_answer() -> None:
    with pytest.raises(errors.S3ServerError):
        asked(lambda v: v.delete_objects(AT, [Doomed("a")]), ok(refusal("b", "Odd")))


def test_who_may_not_delete_is_told_what_is_missing() -> None:
    answer = ok(refusal("b", "AccessDenied", "<VersionId>v</VersionId>"))
    found, _ = asked(lambda v: v.delete_objects(AT, [Doomed("b", "v")]), answer)
    assert "s3:DeleteObjectVersion" in str(*found.values())


def test_a_deletion_says_what_it_is_to_say() -> None:
    given = {"VersionId": "v", "IfMatch": '"e"', "MFA": "s 1", "ContentType": "x"}
    answer = reply(b"", status="204 No Content")
    _, server = asked(lambda v: v.delete_object(AT, settings=given), answer)
    (request,) = server.asked
    assert request.line == "DELETE /bucket/pre%20fix?versionId=v HTTP/1.1"
    assert request.headers["if-match"] == '"e"'
    assert request.headers["x-amz-mfa"] == "s 1"
    assert "content-type" not in request.headers


COPIED = (
    b"<CopyObjectResult><LastModified>2026-11-26T06:57:41.000Z</LastModified>"
    b"<ETag>&quot;e&quot;</ETag><ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME>"
    b"<ChecksumType>FULL_OBJECT</ChecksumType></CopyObjectResult>"
)
SOURCE = Location("other", "ä +/?#%", "s3://other/x")


def test_a_copy_names_its_source() -> None:
    given = {"VersionId": "v+1", "StorageClass": "GLACIER", "IfMatch": "no"}
    found, server = asked(
        lambda v: v.copy_object(
            SOURCE, AT, None, IF_ABSENT, if_match='"s"', settings=given
        ),
        ok(COPIED, "x-amz-version-id: v9"),
    )
    (request,) = server.asked
    assert request.line == "PUT /bucket/pre%20fix HTTP/1.1"
    headers = request.headers
    assert headers["x-amz-copy-source"] == (
        "other/%C3%A4%20%2B/%3F%23%25?versionId=v%2B1"
    )
    assert headers["x-amz-copy-source-if-match"] == '"s"'
    assert headers["if-none-match"] == "*"
    assert headers["x-amz-storage-class"] == "GLACIER"
    assert not {"if-match", "x-amz-metadata-directive"} & headers.keys()
    assert (found.etag, found.version_id, found.last_modified) == ('"e"', "v9", MOMENT)
    assert found.checksum is not None
    assert found.checksum.value == "AAAAAAAAAAA="


def test_a_copy_is_given_all_or_nothing() -> None:
    given = Attributes("a/b", {"c": "d"}, {"TaggingDirective": "COPY"})
    _, server = asked(
        lambda v: v.copy_object(SOURCE, AT, given, Condition(etag='"t"')), ok(COPIED)
    )
    headers = server.asked[0].headers
    assert headers["x-amz-metadata-directive"] == "REPLACE"
    assert headers["x-amz-tagging-directive"] == "COPY"
    assert headers["content-type"] == "a/b"
    assert headers["x-amz-meta-c"] == "d"
    assert headers["if-match"] == '"t"'


@pytest.mark.parametrize(
    ("code", "status"), [("SlowDown", 503), ("PreconditionFailed", 412), ("Odd", 500)]
)
def test_a_copy_may_fail_after_all(code: str, status: int) -> None:
    answer = ok(f"<Error><Code>{code}</Code></Error>".encode())
    with pytest.raises(errors.S3Error) as caught:
        asked(lambda v: v.copy_object(SOURCE, AT, None, ALWAYS), answer)
    assert (caught.value.code, caught.value.status) == (code, status)


def test_a_store_that_cannot_copy_says_so() -> None:
    with pytest.raises(errors.S3Error) as caught:
        asked(lambda v: v.copy_object(SOURCE, AT, None, ALWAYS), ok(b"", 'ETag: "e"'))
    assert caught.value.status == 501


def test_a_part_may_come_from_elsewhere() -> None:
    document = b"<CopyPartResult><ETag>e</ETag></CopyPartResult>"
    _, server = asked(
        lambda v: v.upload_part_copy(
            AT,
            "u",
            1,
            range(5),
            if_match="e",
            source=SOURCE,
            settings={"VersionId": "v"},
        ),
        ok(document),
    )
    headers = server.asked[0].headers
    assert headers["x-amz-copy-source"] == "other/%C3%A4%20%2B/%3F%23%25?versionId=v"
