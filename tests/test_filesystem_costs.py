"""What each method asks for: requests are exact, hence asserted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import s3open

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing import S3Server

pytestmark = pytest.mark.usefixtures("_each_transport")

BOX = "s3://box"


@pytest.fixture
def server(s3open_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    from s3open.s3 import endpoint

    for verb in ("PutObject", endpoint.COPY_WHOLE):
        known = (s3open_server.endpoint_url, verb)
        monkeypatch.setitem(endpoint._known, known, endpoint.Honours.YES)
    s3open_server.create_bucket("box", versioned=True)
    for key in ("key", "dir/a", "dir/b/c", "marked/"):
        s3open_server.put("box", key, b"12345")
    return s3open_server


ONE_HEAD = {"HeadObject": 1}
ONE_LIST = {"ListObjectsV2": 1}
BOTH = {"HeadObject": 1, "ListObjectsV2": 1}
ONE_GET = {"GetObject": 1}
ONE_PUT = {"PutObject": 1}

COSTS: list[tuple[str, dict[str, int], Callable[[], Any]]] = [
    ("exists", ONE_HEAD, lambda: s3open.exists(f"{BOX}/key")),
    ("exists, directory", BOTH, lambda: s3open.exists(f"{BOX}/dir")),
    ("exists, with slash", ONE_LIST, lambda: s3open.exists(f"{BOX}/dir/")),
    ("exists, nothing", BOTH, lambda: s3open.exists(f"{BOX}/nothing")),
    ("exists, bucket", ONE_LIST, lambda: s3open.exists(BOX)),
    ("isfile", ONE_HEAD, lambda: s3open.isfile(f"{BOX}/key")),
    ("isfile, nothing", ONE_HEAD, lambda: s3open.isfile(f"{BOX}/nothing")),
    ("isfile, with slash", {}, lambda: s3open.isfile(f"{BOX}/dir/")),
    ("isdir", ONE_LIST, lambda: s3open.isdir(f"{BOX}/dir")),
    ("isdir, nothing", ONE_LIST, lambda: s3open.isdir(f"{BOX}/nothing")),
    ("isdir, bucket", ONE_LIST, lambda: s3open.isdir(BOX)),
    ("stat", ONE_HEAD, lambda: s3open.stat(f"{BOX}/key")),
    ("stat, directory", BOTH, lambda: s3open.stat(f"{BOX}/dir")),
    ("size", ONE_HEAD, lambda: s3open.size(f"{BOX}/key")),
    ("acl", {"GetObjectAcl": 1}, lambda: s3open.acl(f"{BOX}/key")),
    ("set_acl", {"PutObjectAcl": 1}, lambda: s3open.set_acl(f"{BOX}/key", "private")),
    ("acl, bucket", {"GetBucketAcl": 1}, lambda: s3open.Bucket("box").acl()),
    ("logging", {"GetBucketLogging": 1}, lambda: s3open.Bucket("box").logging()),
    ("presign", {}, lambda: s3open.presign(f"{BOX}/key")),
    ("presign_post", {}, lambda: s3open.presign_post(f"{BOX}/key")),
    ("public_url", {}, lambda: s3open.public_url(f"{BOX}/key")),
    ("etag", ONE_HEAD, lambda: s3open.etag(f"{BOX}/key")),
    ("md5", ONE_HEAD, lambda: s3open.md5(f"{BOX}/key")),
    ("checksum", ONE_HEAD, lambda: s3open.checksum(f"{BOX}/key")),
    ("ls", ONE_LIST, lambda: list(s3open.ls(BOX))),
    ("ls, full", ONE_LIST, lambda: list(s3open.ls(BOX, full=True))),
    ("ls, recursive", ONE_LIST, lambda: list(s3open.ls(BOX, recursive=True))),
    ("ls, marker", ONE_LIST, lambda: list(s3open.ls(f"{BOX}/marked"))),
    ("ls, file", BOTH, lambda: list(s3open.ls(f"{BOX}/key"))),
    (
        "ls, versions",
        {"ListObjectVersions": 1},
        lambda: list(s3open.ls(BOX, versions=True)),
    ),
    ("list_page", ONE_LIST, lambda: s3open.list_page(BOX)),
    ("find", ONE_LIST, lambda: list(s3open.find(BOX))),
    ("du", ONE_LIST, lambda: s3open.du(BOX, max_depth=3)),
    ("walk", {"ListObjectsV2": 4}, lambda: list(s3open.walk(BOX))),
    ("glob", ONE_LIST, lambda: s3open.glob(f"{BOX}/dir/*")),
    (
        "versions",
        {"ListObjectVersions": 1},
        lambda: list(s3open.versions(f"{BOX}/key")),
    ),
    ("read_bytes", ONE_GET, lambda: s3open.read_bytes(f"{BOX}/key")),
    ("read_text", ONE_GET, lambda: s3open.read_text(f"{BOX}/key", "utf-8")),
    ("cat", {"GetObject": 2}, lambda: list(s3open.cat(f"{BOX}/key", f"{BOX}/dir/a"))),
    ("head", ONE_GET, lambda: s3open.head(f"{BOX}/key", 3)),
    ("tail", ONE_GET, lambda: s3open.tail(f"{BOX}/key", 3)),
    ("write_bytes", ONE_PUT, lambda: s3open.write_bytes(f"{BOX}/new", b"x")),
    ("write_text", ONE_PUT, lambda: s3open.write_text(f"{BOX}/new", "x", "utf-8")),
    (
        "write_bytes, new",
        ONE_PUT,
        lambda: s3open.write_bytes(f"{BOX}/new", b"x", overwrite=False),
    ),
    ("touch", ONE_PUT, lambda: s3open.touch(f"{BOX}/new")),
    ("touch, there", ONE_PUT, lambda: s3open.touch(f"{BOX}/key")),
    ("tags", {"GetObjectTagging": 1}, lambda: s3open.tags(f"{BOX}/key")),
    (
        "set_tags",
        {"PutObjectTagging": 1},
        lambda: s3open.set_tags(f"{BOX}/key", {"a": "b"}),
    ),
    ("encrypt, already", ONE_HEAD, lambda: s3open.encrypt(f"{BOX}/key")),
    (
        "set_metadata",
        {"HeadObject": 1, "GetObjectTagging": 1, "CopyObject": 1},
        lambda: s3open.set_metadata(f"{BOX}/key", {"a": "b"}),
    ),
    (
        "stat, on a condition",
        ONE_HEAD,
        lambda: s3open.stat(f"{BOX}/key", if_none_match="0"),
    ),
]


@pytest.mark.parametrize(
    ("requests", "ask"), [each[1:] for each in COSTS], ids=[each[0] for each in COSTS]
)
def test_it_costs(
    server: S3Server, requests: dict[str, int], ask: Callable[[], Any]
) -> None:
    with server.counting() as seen:
        ask()
    assert seen.operations == requests


def test_an_end_is_all_that_comes(server: S3Server) -> None:
    server.synthetic("box", "huge", 10 << 30)
    with server.counting() as seen:
        assert len(s3open.tail(f"{BOX}/huge", 1000)) == 1000
        assert len(s3open.head(f"{BOX}/huge", 1000)) == 1000
    assert seen.operations == {"GetObject": 2}
    assert seen.bytes_out == 2000


def test_a_long_listing_is_one_request_for_every_thousand(server: S3Server) -> None:
    for number in range(2500):
        server.put("box", f"many/{number}", b"")
    with server.counting() as seen:
        assert len(list(s3open.ls(f"{BOX}/many"))) == 2500
        assert s3open.du(f"{BOX}/many").files == 2500
    assert seen.operations == {"ListObjectsV2": 6}


def test_this_machine_needs_no_requests(server: S3Server, tmp_path: Any) -> None:
    with server.counting() as seen:
        s3open.write_text(tmp_path / "a" / "b", "x", "utf-8")
        assert list(s3open.find(tmp_path)) == [str(tmp_path / "a" / "b")]
        assert s3open.stat(tmp_path / "a").is_dir
        assert s3open.glob(tmp_path / "*" / "*")
        assert s3open.md5(tmp_path / "a" / "b")
    assert seen.total == 0
