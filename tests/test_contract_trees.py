"""Listing, deleting and copying as every store does it, asked in each of our ways."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from s3open import errors
from s3open.config import Config
from s3open.contract import ALWAYS, IF_ABSENT, Attributes, Condition, Doomed
from s3open.location import Location
from s3open.s3 import duplication, endpoint
from s3open.s3.clients import verbs_for
from s3open.s3.duplication import duplicate
from s3open.stores import keys

if TYPE_CHECKING:
    from s3open.contract import Entry, Page
    from s3open.s3.verbs import Verbs
    from tests.stores import S3Store

MIB = 1 << 20
# What XML, a URL, or a decoder that is called once too often would change.
ODD = ["a b", "a+b", "a%20b", "a%b", "d/x y", "d/x+y", "d/é", "e +/1", "quo\"te'"]
ODD += ["tab\tx", "x&amp;<y>", "é", "𝄞"]


@pytest.fixture
def verbs(s3: S3Store) -> Verbs:
    return verbs_for(Config(), s3.name(""))


@pytest.fixture
def versioned(s3: S3Store) -> S3Store:
    status = {"Status": "Enabled"}
    s3.client.put_bucket_versioning(Bucket=s3.bucket, VersioningConfiguration=status)
    return s3


def at(s3: S3Store, key: str = "") -> Location:
    return Location(s3.bucket, key, s3.name(key))


def objects(verbs: Verbs, place: Location, **asked: Any) -> list[Page]:
    pages = [verbs.list_objects(place, **asked)]
    while (token := pages[-1].token) is not None:
        assert len(pages) < 50
        pages.append(verbs.list_objects(place, **{**asked, "token": token}))
    return pages


def versions(verbs: Verbs, place: Location, **asked: Any) -> list[Entry]:
    page = verbs.list_versions(place, **asked)
    found = page.entries
    while page.token is not None:
        assert len(found) < 50
        page = verbs.list_versions(place, **asked, token=page.token)
        found += page.entries
    return found


def names(pages: list[Page]) -> list[str]:
    return [entry.name for page in pages for entry in page.entries]


@pytest.mark.parametrize("max_keys", [1, 3, 1000])
def test_keys_are_listed_to_the_letter(
    s3: S3Store, verbs: Verbs, max_keys: int
) -> None:
    for key in ODD:
        s3.put(key, b"")
    pages = objects(verbs, at(s3), max_keys=max_keys)
    assert names(pages) == sorted(ODD)
    assert all(len(page.entries) <= max_keys for page in pages)
    for key in ("a+b", "d/x "):
        below = [each for each in sorted(ODD) if each.startswith(key)]
        assert names(objects(verbs, at(s3, key))) == below
        behind = [each for each in sorted(ODD) if each > key]
        asked = objects(verbs, at(s3), start_after=key, max_keys=max_keys)
        assert names(asked) == behind


@pytest.mark.parametrize("max_keys", [1, 3, 1000])
def test_what_keys_have_in_common_is_listed_once(
    s3: S3Store, verbs: Verbs, max_keys: int
) -> None:
    for key in ODD:
        s3.put(key, b"")
    pages = objects(verbs, at(s3), delimiter="/", max_keys=max_keys)
    assert [name for page in pages for name in page.prefixes] == ["d/", "e +/"]
    assert names(pages) == sorted(key for key in ODD if "/" not in key)
    (page,) = objects(verbs, at(s3, "d/"), delimiter="/")
    assert (names([page]), page.prefixes) == (["d/x y", "d/x+y", "d/é"], [])


def test_an_entry_says_what_an_object_is(s3: S3Store, verbs: Verbs) -> None:
    s3.put("key", b"12345")
    (entry,) = verbs.list_objects(at(s3), owner=True).entries
    head = s3.head("key")
    assert (entry.name, entry.size, entry.etag) == ("key", 5, head["ETag"])
    assert entry.storage_class in ("STANDARD", None)
    assert entry.last_modified is not None
    assert (
        entry.last_modified.tzinfo == timezone.utc
        or not entry.last_modified.utcoffset()
    )
    age = datetime.now(timezone.utc) - entry.last_modified
    assert abs(age.total_seconds()) < 100
    assert (entry.latest, entry.deleted, entry.version_id) == (True, False, None)


@pytest.mark.parametrize("key", ["line\nfeed", "re\rturn", "be\x07ll", "no\x01t"])
def test_letters_that_no_terminal_takes_are_listed_and_deleted(
    s3: S3Store, verbs: Verbs, key: str
) -> None:
    s3.require_key(key)
    for each in (key, f"{key}/z"):
        s3.put(each, b"")
    assert names(objects(verbs, at(s3), max_keys=1)) == [key, f"{key}/z"]
    assert objects(verbs, at(s3), delimiter="/")[0].prefixes == [f"{key}/"]
    if "\n" in key or "\r" in key:
        # XML has no way to say the others.
        assert verbs.delete_objects(at(s3), [Doomed(key)]) == {}
        assert s3.keys() == [f"{key}/z"]


def test_there_may_be_nothing(s3: S3Store, verbs: Verbs) -> None:
    assert verbs.list_objects(at(s3)) == ([], [], None)
    assert verbs.list_versions(at(s3)) == ([], [], None)
    nowhere = Location(f"{s3.bucket}-none", "", "s3://none")
    for ask in (verbs.list_objects, verbs.list_versions):
        with pytest.raises(FileNotFoundError) as caught:
            ask(nowhere)
        assert caught.value.filename == "s3://none"


@pytest.mark.parametrize("max_keys", [1, 2, 1000])
def test_versions_are_listed_newest_first(
    versioned: S3Store, verbs: Verbs, max_keys: int
) -> None:
    written: dict[str, list[str]] = {"a b+": [], "a b+c": [], "d/x%20": []}
    client, bucket = versioned.client, versioned.bucket
    for key, ids in written.items():
        for body in (b"1", b"22"):
            answer = client.put_object(Bucket=bucket, Key=key, Body=body)
            ids.insert(0, answer["VersionId"])
    marker = client.delete_object(Bucket=bucket, Key="a b+")["VersionId"]
    found = versions(verbs, at(versioned), max_keys=max_keys)
    told = [(each.name, each.version_id) for each in found if not each.deleted]
    assert told == [(key, one) for key in sorted(written) for one in written[key]]
    (deleted,) = (each for each in found if each.deleted)
    assert (deleted.name, deleted.version_id, deleted.latest) == ("a b+", marker, True)
    assert deleted.size is None
    assert [each.latest for each in found if not each.deleted] == [
        *(False, False),
        *(True, False) * 2,
    ]
    assert [each.size for each in found if each.name == "d/x%20"] == [2, 1]
    if versioned.kind != "moto":
        # That one lists delete markers behind all versions.
        assert found[0] == deleted
    page = verbs.list_versions(at(versioned), delimiter="/")
    assert page.prefixes == ["d/"]


def test_many_are_deleted_at_once(s3: S3Store, verbs: Verbs) -> None:
    for key in ODD:
        s3.put(key, b"")
    doomed = [Doomed(key) for key in ODD if key != "a b"]
    assert verbs.delete_objects(at(s3), [*doomed, Doomed("never was")]) == {}
    assert s3.keys() == ["a b"]
    verbs.delete_object(at(s3, "a b"))
    verbs.delete_object(at(s3, "a b"))
    assert s3.keys() == []


def test_versions_are_deleted_for_good(versioned: S3Store, verbs: Verbs) -> None:
    for body in (b"1", b"22", b"333"):
        versioned.put("key", body)
    verbs.delete_object(at(versioned, "key"))
    found = versions(verbs, at(versioned))
    assert [each.deleted for each in found] == [True, False, False, False]
    doomed = [Doomed("key", each.version_id) for each in (found[0], found[2])]
    assert verbs.delete_objects(at(versioned), doomed) == {}
    assert versioned.read("key") == b"333"
    newest = {"VersionId": found[1].version_id}
    verbs.delete_object(at(versioned, "key"), settings=newest)
    assert versioned.read("key") == b"1"


def test_an_object_is_copied_with_all_that_it_is_given(
    s3: S3Store, verbs: Verbs
) -> None:
    for number, key in enumerate(ODD):
        s3.client.put_object(
            Bucket=s3.bucket,
            Key=key,
            Body=b"b" * number,
            ContentType="text/odd",
            Metadata={"color": "blue"},
            CacheControl="no-cache",
        )
        target = at(s3, f"copy/{key}")
        found = verbs.copy_object(at(s3, key), target, None, ALWAYS)
        head = s3.head(target.key)
        assert head["ETag"] == found.etag
        assert head["ContentType"] == "text/odd"
        assert head["CacheControl"] == "no-cache"
        assert head["Metadata"] == {"color": "blue"}
        assert s3.read(target.key) == b"b" * number


def test_a_copy_may_be_given_something_else(s3: S3Store, verbs: Verbs) -> None:
    s3.client.put_object(
        Bucket=s3.bucket,
        Key="key",
        Body=b"x",
        ContentType="text/odd",
        Metadata={"a": "1"},
    )
    given = Attributes("image/png", {"b": "2"}, {"ContentLanguage": "de"})
    verbs.copy_object(at(s3, "key"), at(s3, "copy"), given, ALWAYS)
    head = s3.head("copy")
    assert (head["ContentType"], head["Metadata"]) == ("image/png", {"b": "2"})
    assert head["ContentLanguage"] == "de"


def test_a_version_is_copied(versioned: S3Store, verbs: Verbs) -> None:
    versioned.put("key", b"old")
    old = versioned.head("key")["VersionId"]
    versioned.put("key", b"new")
    place = at(versioned, "key")
    found = verbs.copy_object(
        place, at(versioned, "copy"), None, ALWAYS, settings={"VersionId": old}
    )
    assert versioned.read("copy") == b"old"
    if versioned.kind != "ceph":
        # That one does not say.
        assert found.version_id == versioned.head("copy")["VersionId"]


def test_a_copy_is_of_what_was_meant(s3: S3Store, verbs: Verbs) -> None:
    s3.put("key", b"x")
    source, target = at(s3, "key"), at(s3, "copy")
    etag = s3.head("key")["ETag"]
    s3.put("key", b"y")
    if s3.kind == "s3open":
        # The others look for no such condition (moto 5.2, Ceph 16.2).
        with pytest.raises(errors.S3Error) as caught:
            verbs.copy_object(source, target, None, ALWAYS, if_match=etag)
        assert caught.value.status == 412
    with pytest.raises(FileNotFoundError):
        verbs.copy_object(at(s3, "none"), target, None, ALWAYS)
    assert not s3.exists("copy")


def test_parts_are_copied_from_elsewhere(s3: S3Store, verbs: Verbs) -> None:
    body = bytes(range(256)) * (5 << 12)
    s3.put("a +b", body)
    source, target = at(s3, "a +b"), at(s3, "copy")
    etag = s3.head("a +b")["ETag"]
    upload = verbs.create_multipart_upload(target, Attributes())
    spans = [range(5 << 20), range(7, 1000)]
    parts = [
        verbs.upload_part_copy(
            target, upload, number, span, if_match=etag, source=source
        )
        for number, span in enumerate(spans, start=1)
    ]
    verbs.complete_multipart_upload(target, upload, parts, ALWAYS)
    assert s3.read("copy") == body + body[7:1000]


class TestConditions:
    """On the server that heeds them all; which store heeds which is found out above."""

    @pytest.fixture
    def s3(self, s3: S3Store) -> S3Store:
        if s3.kind != "s3open":
            pytest.skip("it does not heed them all")
        return s3

    def test_a_copy_replaces_what_it_is_to_replace(
        self, s3: S3Store, verbs: Verbs
    ) -> None:
        s3.put("key", b"new")
        s3.put("there", b"old")
        source, there = at(s3, "key"), at(s3, "there")
        old = Condition(etag=s3.head("there")["ETag"])
        for condition in (IF_ABSENT, Condition(etag='"other"')):
            with pytest.raises(errors.S3Error) as caught:
                verbs.copy_object(source, there, None, condition)
            assert caught.value.status == 412
        assert s3.read("there") == b"old"
        verbs.copy_object(source, there, None, old)
        assert s3.read("there") == b"new"
        verbs.copy_object(source, at(s3, "fresh"), None, IF_ABSENT)
        assert s3.read("fresh") == b"new"

    def test_only_what_was_meant_is_deleted(self, s3: S3Store, verbs: Verbs) -> None:
        etags = {}
        for key in ("a", "b", "c&d"):
            s3.put(key, key.encode())
            etags[key] = s3.head(key)["ETag"]
        s3.put("c&d", b"changed")
        doomed = [Doomed(key, etag=etag) for key, etag in etags.items()]
        found = verbs.delete_objects(at(s3), doomed)
        assert list(found) == doomed[2:]
        (error,) = found.values()
        assert isinstance(error, errors.ObjectChangedError)
        assert (error.code, error.status) == ("PreconditionFailed", 412)
        assert error.filename == s3.name("c&d")
        with pytest.raises(errors.ObjectChangedError):
            given = {"IfMatch": etags["c&d"]}
            verbs.delete_object(at(s3, "c&d"), settings=given)
        assert s3.keys() == ["c&d"]


def test_what_is_there_is_told_and_removed(s3: S3Store) -> None:
    for key in ODD:
        s3.put(key, key.encode())
    place = Location(s3.bucket, "", s3.name(""))
    assert [each.name for each in keys.entries(Config(), place)] == sorted(ODD)
    below = Location(s3.bucket, "d", s3.name("d"))
    assert keys.has_below(Config(), below)
    assert not keys.exists(Config(), below)
    one = Location(s3.bucket, "a b", s3.name("a b"))
    status = keys.status(Config(), one)
    assert (status.size, f'"{status.etag}"') == (3, s3.head("a b")["ETag"])
    with pytest.raises(errors.ObjectChangedError):
        keys.remove(Config(), one, etag='"other"')
    keys.remove(Config(), one, etag=s3.head("a b")["ETag"])
    doomed = [
        Doomed(key, etag=s3.head(key)["ETag"] if key != "a+b" else '"other"')
        for key in ODD[1:]
    ]
    found = dict(keys.remove_many(Config(), place, doomed))
    assert [one.key for one, error in found.items() if error is not None] == ["a+b"]
    assert s3.keys() == ["a+b"]


@pytest.mark.parametrize("large", [False, True])
def test_every_store_copies(
    s3: S3Store,
    large: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if large:
        monkeypatch.setattr(duplication, "MAX_COPY", 6 * MIB)
        monkeypatch.setattr(duplication, "PART_SIZE", 6 * MIB)
    monkeypatch.setattr(endpoint, "_known", {})
    body = bytes(range(256)) * 40960
    s3.client.put_object(
        Bucket=s3.bucket,
        Key="a +b",
        Body=body,
        ContentType="text/odd",
        Metadata={"color": "blue"},
        Tagging="tag=value",
    )
    source, target = (Location(s3.bucket, key, s3.name(key)) for key in ("a +b", "c/ü"))
    verbs = verbs_for(Config(), source.uri)
    info = verbs.head_object(source)
    for condition in (IF_ABSENT, ALWAYS):
        duplicate(verbs, source, target, info, None, condition)
        assert s3.read(target.key) == body
        head = s3.head(target.key)
        assert head["ContentType"] == "text/odd"
        assert head["Metadata"]["color"] == "blue"
        if not large or s3.kind != "ceph":
            # That one gives no tags to what comes in parts.
            tags = s3.client.get_object_tagging(Bucket=s3.bucket, Key=target.key)
            assert tags["TagSet"] == [{"Key": "tag", "Value": "value"}]
    with pytest.raises(FileExistsError):
        duplicate(verbs, source, target, info, None, IF_ABSENT)
    assert s3.pending_uploads() == []
