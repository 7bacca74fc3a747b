"""What is at a place on S3: told, listed, deleted, brought back; by each transport."""

from __future__ import annotations

import stat
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import errors
from s3open.config import Config
from s3open.contract import Doomed, Entry
from s3open.location import Location
from s3open.s3 import deletion, endpoint, retry, threads
from s3open.stores import keys
from s3open.testing import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3open.testing import S3Server

BUCKET = "s3open-test"
CONFIG = Config(deadline=30.0)
# For what never goes away again.
HASTY = replace(CONFIG, attempts=3, deadline=0.02)
TREE = ["a", "b c/+", "b c/d/e", "b c/f", "b cd", "é"]

pytestmark = pytest.mark.usefixtures("_each_transport")


def at(key: str = "", bucket: str = BUCKET) -> Location:
    return Location(bucket, key, f"s3://{bucket}/{key}")


@pytest.fixture
def server(
    s3open_server: S3Server, s3open_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> S3Server:
    monkeypatch.setattr(retry, "pause", lambda failures: None)
    monkeypatch.setattr(endpoint, "_known", {})
    for key in TREE:
        s3open_server.put(s3open_bucket, key, key.encode())
    return s3open_server


@pytest.fixture
def versioned(server: S3Server) -> S3Server:
    """A bucket "old": two versions of each key, those of two of them deleted twice."""
    server.create_bucket("old", versioned=True)
    for key in TREE:
        for body in (b"1", b"22"):
            server.put("old", key, body)
    for key in ("a", "b c/f"):
        for _ in range(2):
            server._state.store.bucket("old").delete(key)
    return server


def told(found: Iterator[Entry]) -> list[str]:
    return [entry.name for entry in found]


class TestStatus:
    def test_one_head_tells_all(self, server: S3Server) -> None:
        etag = server.put(
            BUCKET,
            "new",
            b"12345",
            content_type="text/odd",
            x_amz_meta_color="blue",
            x_amz_meta_s3open_write="token",
            x_amz_storage_class="STANDARD_IA",
            cache_control="no-cache",
        )
        with server.counting() as seen:
            found = keys.status(CONFIG, at("new"))
        assert seen.operations == {"HeadObject": 1}
        assert (found.uri, found.size, found.etag) == (at("new").uri, 5, etag)
        assert found.content_type == "text/odd"
        assert found.metadata == {"color": "blue"}
        assert found.storage_class == "STANDARD_IA"
        assert found.settings["CacheControl"] == "no-cache"
        assert stat.S_ISREG(found.st_mode)
        assert not found.is_dir
        assert found.last_modified is not None
        assert found.last_modified.timestamp() == found.st_mtime
        assert found.checksum is None
        assert keys.status(CONFIG, at("a")).storage_class == "STANDARD"

    def test_the_checksum_is_told_to_who_asks(self, server: S3Server) -> None:
        found = keys.status(CONFIG, at("a"), checksum=True)
        assert found.checksum is not None
        assert found.checksum.algorithm == "CRC64NVME"

    def test_what_is_missing_is_not_found(self, server: S3Server) -> None:
        for place in (at("none"), at("a", "nowhere"), at("", "nowhere")):
            with pytest.raises(FileNotFoundError) as caught:
                keys.status(CONFIG, place)
            assert caught.value.filename == place.uri
            assert not keys.exists(CONFIG, place)

    def test_a_bucket_is_a_directory(self, server: S3Server) -> None:
        with server.counting() as seen:
            assert keys.status(CONFIG, at()).is_dir
            assert keys.exists(CONFIG, at())
        assert seen.operations == {"ListObjectsV2": 2}

    def test_what_ends_with_a_slash_is_a_directory(self, server: S3Server) -> None:
        server.put(BUCKET, "made/", b"")
        assert keys.status(CONFIG, at("made/")).is_dir

    def test_existing_costs_one_head(self, server: S3Server) -> None:
        with server.counting() as seen:
            assert keys.exists(CONFIG, at("a"))
            assert not keys.exists(CONFIG, at("b"))
        assert seen.operations == {"HeadObject": 2}

    def test_who_may_not_look_is_not_told_that_there_is_nothing(
        self, server: S3Server
    ) -> None:
        server.deny("HeadObject")
        with pytest.raises(PermissionError, match="s3:GetObject"):
            keys.exists(CONFIG, at("a"))

    def test_versions_have_a_status_of_their_own(self, versioned: S3Server) -> None:
        found = list(keys.versions(CONFIG, at("a", "old")))
        *_, newest, oldest = found
        for entry, size in ((newest, 2), (oldest, 1)):
            version = entry.version_id
            assert version is not None
            told = keys.status(CONFIG, at("a", "old"), version_id=version)
            assert (told.size, told.version_id) == (size, version)
        assert not keys.exists(CONFIG, at("a", "old"))
        for version in (found[0].version_id, "none", ""):
            assert not keys.exists(CONFIG, at("a", "old"), version_id=version)

    def test_an_id_that_is_none_is_no_version(self, server: S3Server) -> None:
        bad = Fault("HeadObject", status=400, code="BadRequest", times=None)
        with server.faulty(bad):
            assert not keys.exists(CONFIG, at("a"), version_id="bad")
            with pytest.raises(errors.S3Error):
                keys.exists(CONFIG, at("a"), version_id="null")
            with pytest.raises(errors.S3Error):
                keys.exists(CONFIG, at("a"))


class TestListing:
    def test_all_that_begins_with_a_key_is_listed(self, server: S3Server) -> None:
        assert told(keys.entries(CONFIG, at())) == sorted(TREE)
        below = ["b c/+", "b c/d/e", "b c/f"]
        assert told(keys.entries(CONFIG, at("b c/"))) == below
        assert told(keys.entries(CONFIG, at("b c"))) == [*below, "b cd"]
        assert told(keys.entries(CONFIG, at(), start_after="b c/f")) == ["b cd", "é"]
        assert told(keys.entries(CONFIG, at("none"))) == []

    def test_directories_are_told_where_they_would_be(self, server: S3Server) -> None:
        found = list(keys.entries(CONFIG, at(), recursive=False))
        assert told(iter(found)) == ["a", "b c/", "b cd", "é"]
        assert found[1].size is None
        names = told(keys.entries(CONFIG, at("b c/"), recursive=False))
        assert names == ["b c/+", "b c/d/", "b c/f"]

    def test_owners_are_told_to_who_asks(self, server: S3Server) -> None:
        assert {each.owner for each in keys.entries(CONFIG, at())} == {None}
        found = keys.entries(CONFIG, at(), owner=True)
        assert {each.owner for each in found} == {"s3open"}

    def test_a_page_is_as_it_is_asked_for(self, server: S3Server) -> None:
        first = keys.page(CONFIG, at(), delimiter="/", max_keys=2, owner=True)
        assert [each.name for each in first.entries] == ["a"]
        assert first.prefixes == ["b c/"]
        assert first.token is not None
        second = keys.page(CONFIG, at(), delimiter="/", token=first.token)
        assert ([each.name for each in second.entries], second.token) == (
            ["b cd", "é"],
            None,
        )
        assert keys.page(CONFIG, at(), start_after="é") == ([], [], None)

    def test_a_thousand_keys_cost_a_request(self, server: S3Server) -> None:
        for number in range(2500):
            server._publish(BUCKET, stored(f"many/{number:04d}"))
        with server.counting() as seen:
            assert len(list(keys.entries(CONFIG, at("many/")))) == 2500
        assert seen.operations == {"ListObjectsV2": 3}

    def test_below_is_behind_a_slash(self, server: S3Server) -> None:
        with server.counting() as seen:
            below = [keys.has_below(CONFIG, at(key)) for key in ("b c", "b c/", "b")]
        assert below == [True, True, False]
        assert seen.operations == {"ListObjectsV2": 3}
        assert keys.has_below(CONFIG, at())
        assert not keys.has_below(CONFIG, at("a", "nowhere"))

    def test_versions_are_listed(self, versioned: S3Server) -> None:
        found = list(keys.versions(CONFIG, at("a", "old")))
        assert [each.deleted for each in found] == [True, True, False, False]
        assert [each.latest for each in found] == [True, False, False, False]
        names = told(keys.versions(CONFIG, at("b c/", "old"), recursive=False))
        assert names == ["b c/+", "b c/+", "b c/d/", *["b c/f"] * 4]

    def test_no_bucket_is_not_found(self, server: S3Server) -> None:
        for find in (keys.entries, keys.versions):
            with pytest.raises(FileNotFoundError, match="bucket does not exist"):
                next(find(CONFIG, at("", "nowhere")))

    def test_who_may_not_list_is_told_what_is_missing(self, server: S3Server) -> None:
        server.deny("ListObjectsV2")
        with pytest.raises(PermissionError, match="s3:ListBucket"):
            next(keys.entries(CONFIG, at()))


def stored(key: str) -> Any:
    from s3open.testing.content import Content
    from s3open.testing.store import StoredObject

    return StoredObject(key, Content(), "e")


class TestRemoving:
    def test_one_delete_removes_a_key(self, server: S3Server) -> None:
        with server.counting() as seen:
            keys.remove(CONFIG, at("a"))
            keys.remove(CONFIG, at("a"))
        assert seen.operations == {"DeleteObject": 2}
        assert server.keys(BUCKET) == sorted(TREE)[1:]

    def test_no_bucket_is_not_found(self, server: S3Server) -> None:
        with pytest.raises(FileNotFoundError, match="bucket does not exist"):
            keys.remove(CONFIG, at("a", "nowhere"))
        ((_, error),) = keys.remove_many(CONFIG, at("", "nowhere"), [Doomed("a")])
        assert isinstance(error, errors.S3FileNotFoundError)
        assert error.filename == "s3://nowhere/a"

    def test_a_version_goes_for_good(self, versioned: S3Server) -> None:
        found = list(keys.versions(CONFIG, at("a", "old")))
        for entry in found[:2]:
            keys.remove(CONFIG, at("a", "old"), version_id=entry.version_id, mfa="s 1")
        assert versioned.read("old", "a") == b"22"
        keys.remove(CONFIG, at("a", "old"), version_id=found[0].version_id)

    def test_only_what_was_meant_is_removed(self, server: S3Server) -> None:
        etag = f'"{server.head(BUCKET, "a").etag}"'
        for known in range(2):
            server.put(BUCKET, "a", b"other")
            with pytest.raises(errors.ObjectChangedError):
                keys.remove(CONFIG, at("a"), etag=etag)
            server.put(BUCKET, "a", b"a")
            with server.counting() as seen:
                keys.remove(CONFIG, at("a"), etag=etag)
            assert seen.operations["DeleteObject"] == 2 - known
            # It is gone, that is what was wanted.
            keys.remove(CONFIG, at("a"), etag=etag)

    def test_many_go_a_thousand_at_a_time(self, server: S3Server) -> None:
        names = [f"many/{number:04d}" for number in range(2500)]
        for name in names:
            server._publish(BUCKET, stored(name))
        doomed = [Doomed(name) for name in names]
        with server.counting() as seen:
            found = list(keys.remove_many(CONFIG, at(), iter(doomed)))
        assert seen.operations == {"DeleteObjects": 3}
        assert found == [(one, None) for one in doomed]
        assert server.keys(BUCKET) == sorted(TREE)

    def test_each_is_told_of(self, server: S3Server) -> None:
        server.deny("DeleteObject", BUCKET, "b c/")
        doomed = [Doomed(key) for key in (*TREE, "none", "a")]
        found = dict(keys.remove_many(CONFIG, at(), doomed))
        assert list(found) == doomed[:-1]
        denied = [one.key for one, error in found.items() if error is not None]
        assert denied == ["b c/+", "b c/d/e", "b c/f"] == server.keys(BUCKET)
        error = found[Doomed("b c/f")]
        assert isinstance(error, errors.S3PermissionError)
        assert error.filename == at("b c/f").uri
        assert "s3:DeleteObject" in str(error)

    def test_a_request_that_is_denied_is_told_of_all(self, server: S3Server) -> None:
        server.deny("DeleteObjects")
        found = list(keys.remove_many(CONFIG, at(), map(Doomed, TREE)))
        assert [one.key for one, _ in found] == TREE
        assert {type(error) for _, error in found} == {s3open.AccessDenied}
        assert [error and error.filename for _, error in found] == [
            at(key).uri for key in TREE
        ]

    def test_no_more_are_taken_than_are_under_way(
        self, server: S3Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deletion, "_MOST", 2)
        taken = count()
        doomed = (Doomed(f"key{next(taken)}") for _ in iter(int, 1))
        found = keys.remove_many(CONFIG, at(), doomed)
        for _ in range(10):
            next(found)
        found.close()  # type: ignore[attr-defined]
        assert next(taken) <= 2 * (5 + deletion.WIDTH)

    def test_what_was_asked_for_is_told_before_the_list_breaks_off(
        self, server: S3Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deletion, "_MOST", 2)

        def doomed() -> Iterator[Doomed]:
            yield from map(Doomed, TREE[:4])
            raise ZeroDivisionError

        found: list[Any] = []
        with pytest.raises(ZeroDivisionError):
            found.extend(keys.remove_many(CONFIG, at(), doomed()))
        assert server.keys(BUCKET) == sorted(TREE[4:])

    def test_no_thread_is_needed(
        self, server: S3Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(threads, "submit", lambda task: None)
        list(keys.remove_many(CONFIG, at(), (Doomed(key) for key in TREE)))
        assert server.keys(BUCKET) == []

    def test_keys_that_xml_cannot_say_go_one_by_one(self, server: S3Server) -> None:
        odd = ["be\x07ll", "no\x01t", "\ufffe"]
        for key in odd:
            server.put(BUCKET, key, b"")
        doomed = [Doomed(key) for key in (*odd, "a")]
        with server.counting() as seen:
            found = list(keys.remove_many(CONFIG, at(), doomed))
        assert found == [(one, None) for one in doomed]
        assert seen.operations == {"DeleteObject": 3, "DeleteObjects": 1}

    @pytest.mark.parametrize("honours", [None, *endpoint.Honours])
    def test_of_many_only_those_that_were_meant_go(
        self, server: S3Server, honours: endpoint.Honours | None
    ) -> None:
        if honours is not None:
            endpoint.remember(server.endpoint_url, endpoint.DELETE_MANY, honours)
        doomed = [
            Doomed(key, etag=f'"{server.head(BUCKET, key).etag}"') for key in TREE
        ]
        server.put(BUCKET, "é", b"other")
        server.delete(BUCKET, "b cd")
        doomed.append(Doomed("none", etag='"e"'))
        found = dict(keys.remove_many(CONFIG, at(), doomed))
        changed = [one.key for one, error in found.items() if error is not None]
        assert changed == server.keys(BUCKET) == ["é"]
        assert isinstance(found[doomed[5]], errors.ObjectChangedError)

    def test_what_ignores_etags_is_looked_at_before(self, server: S3Server) -> None:
        with server.faulty(Fault("DeleteObjects", ignore=["x"], times=None)):
            endpoint.remember(
                server.endpoint_url, endpoint.DELETE_MANY, endpoint.Honours.NO
            )
            doomed = [
                Doomed(key, etag=f'"{server.head(BUCKET, key).etag}"') for key in TREE
            ]
            with server.counting() as seen:
                list(keys.remove_many(CONFIG, at(), doomed))
        assert seen.operations == {"HeadObject": len(TREE), "DeleteObjects": 1}


class TestRestoring:
    def test_what_was_deleted_comes_back(self, versioned: S3Server) -> None:
        assert list(keys.restore(CONFIG, at("a", "old"))) == ["a"]
        assert versioned.read("old", "a") == b"22"
        assert list(keys.restore(CONFIG, at("a", "old"))) == []
        assert list(keys.restore(CONFIG, at("b c", "old"))) == []
        assert list(keys.restore(CONFIG, at("b c", "old"), below=True)) == ["b c/f"]
        assert versioned.keys("old") == sorted(TREE)

    def test_a_bucket_comes_back(self, versioned: S3Server) -> None:
        server = versioned
        for key in TREE:
            server._state.store.bucket("old").delete(key)
        # One that has a marker only, and one whose old markers hide nothing.
        server._state.store.bucket("old").delete("never was")
        server.put("old", "é", b"333")
        back = ["a", "b c/+", "b c/d/e", "b c/f", "b cd"]
        assert list(keys.restore(CONFIG, at("", "old"), below=True)) == back
        assert server.keys("old") == sorted(TREE)

    def test_nothing_is_kept_of_what_is_there(self) -> None:
        there, hidden = Entry("a", 1), Entry("b", deleted=True, version_id="2")
        left: dict[str, int] = {}
        found = keys._hiding([there, hidden, Entry("b", 1, version_id="1")], left)
        assert list(found) == [Doomed("b", "2")]
        assert left == {"b": 1}

    def test_what_cannot_come_back_is_an_error(self, versioned: S3Server) -> None:
        versioned.deny("DeleteObject", "old", "b c/")
        found: list[str] = []
        with pytest.raises(PermissionError):
            found.extend(keys.restore(CONFIG, at("", "old"), below=True))
        assert versioned.keys("old") == sorted({*TREE} - {"b c/f"})


HEALING: dict[str, dict[str, Any]] = {
    "500": {"status": 500},
    "503": {"status": 503},
    "429": {"status": 429},
    "reset": {"drop": "before"},
    "answer lost": {"drop": "after"},
    "truncated": {"cut": 40},
    "reset in the head": {"cut_head": 30},
    "a login page": {"body": b"<html><body>Log in</body></html>"},
}
OLD = at("", "old")
# What is done, which requests it takes, and what is right afterwards.
ACTIONS: dict[str, tuple[Callable[[Config], object], str]] = {
    "entries": (lambda config: told(keys.entries(config, at())), "ListObjectsV2"),
    "one level": (
        lambda config: told(keys.entries(config, at(), recursive=False)),
        "ListObjectsV2",
    ),
    "page": (lambda config: keys.page(config, at()), "ListObjectsV2"),
    "has_below": (lambda config: keys.has_below(config, at("b c")), "ListObjectsV2"),
    "versions": (lambda config: told(keys.versions(config, OLD)), "ListObjectVersions"),
    "status": (lambda config: keys.status(config, at("a")), "HeadObject"),
    "remove": (lambda config: keys.remove(config, at("a")), "DeleteObject"),
    "remove meant": (
        lambda config: keys.remove(config, at("a"), etag=ETAG),
        "HeadObject DeleteObject DeleteObject",
    ),
    "remove many": (
        lambda config: list(keys.remove_many(config, at(), map(Doomed, TREE))),
        "DeleteObjects",
    ),
    "remove many meant": (
        lambda config: list(
            keys.remove_many(config, at(), [Doomed("a", etag=ETAG), Doomed("é")])
        ),
        "HeadObject DeleteObjects DeleteObjects DeleteObjects",
    ),
    "restore": (
        lambda config: list(keys.restore(config, OLD, below=True)),
        "ListObjectVersions DeleteObjects",
    ),
}
ETAG = '"0cc175b9c0f1b6a831c399e269772661"'


def world(server: S3Server) -> object:
    return [server.keys(bucket) for bucket in (BUCKET, "old")]


@pytest.mark.parametrize("action", ACTIONS)
def test_a_fault_at_any_request_is_not_noticed(
    versioned: S3Server, action: str
) -> None:
    server = versioned
    do, requests = ACTIONS[action]
    names = requests.split()
    before = _copy(server)
    wanted = do(CONFIG)
    after = world(server)
    for number, name in enumerate(names):
        for kind, does in HEALING.items():
            endpoint._known.clear()
            _restore(server, before)
            fault = Fault(name, skip=names[:number].count(name), **does)
            with server.faulty(fault) as armed:
                found = do(CONFIG)
            assert (found, world(server)) == (wanted, after), (name, kind)
            assert armed.fired == 1, (name, number, kind)


def _copy(server: S3Server) -> Any:
    return {
        name: (
            {key: list(row) for key, row in bucket._versions.items()},
            list(bucket._keys),
        )
        for name, bucket in server._state.store.buckets.items()
    }


def _restore(server: S3Server, snapshot: Any) -> None:
    for name, (versions, listed) in snapshot.items():
        bucket = server._state.store.bucket(name)
        bucket._versions = {key: list(row) for key, row in versions.items()}
        bucket._keys = list(listed)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_fault_that_stays_is_told(versioned: S3Server, action: str) -> None:
    do, requests = ACTIONS[action]
    name = requests.split()[-1]
    for kind in ("500", "503", "reset", "answer lost"):
        fault = Fault(name, times=None, **HEALING[kind])
        with versioned.faulty(fault), pytest.raises(errors.S3Error) as caught:
            result = do(HASTY)
            # Of many, each has its own.
            if action.startswith("remove many"):
                assert isinstance(result, list)
                for _, error in result:
                    assert error is not None
                    assert error.filename is not None
                raise result[0][1]
        assert caught.value.filename is not None


def test_keys_that_are_refused_for_a_moment_are_asked_for_again(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from s3open.testing import deletion as there
    from s3open.testing.errors import RefusalError

    remove: Any = vars(there)["remove"]
    refused: list[str] = []

    def failing(*_: object) -> None:
        raise RefusalError("InternalError", status=500)

    def slow(bucket: Any, key: str, *rest: Any) -> Any:
        if key in ("a", "é") and refused.count(key) < 3:
            refused.append(key)
            raise RefusalError("SlowDown")
        return remove(bucket, key, *rest)

    monkeypatch.setattr(there, "remove", slow)
    with server.counting() as seen:
        found = list(keys.remove_many(CONFIG, at(), map(Doomed, TREE)))
    assert [error for _, error in found] == [None] * len(TREE)
    assert seen.operations == {"DeleteObjects": 4}
    assert server.keys(BUCKET) == []
    server.put(BUCKET, "a", b"")
    monkeypatch.setattr(there, "remove", failing)
    ((_, error),) = keys.remove_many(HASTY, at(), [Doomed("a")])
    assert isinstance(error, errors.S3ServerError)
