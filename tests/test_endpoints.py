"""What a store can do is found out once an endpoint, logged, and warned of once."""

from __future__ import annotations

import logging
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import Config
from s3open.location import Location
from s3open.s3 import clients, endpoint
from s3open.testing import Fault
from tests.fakes import pattern
from tests.stores import MIB, open_any
from tests.unit.answering import Answering, ok

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing import S3Server

pytestmark = pytest.mark.usefixtures("_each_transport", "_unknown")

BUCKET = "s3open-test"
NAME = f"s3://{BUCKET}/key"
AT = Location("bucket", "key", "s3://bucket/key")
PARTS = Config(part_size=5 * MIB)
LARGE = pattern(12 * MIB)


@pytest.fixture
def _unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "_known", {})
    monkeypatch.setattr(endpoint, "_warned", set())


@pytest.fixture
def server(s3open_server: S3Server, s3open_bucket: str) -> S3Server:
    return s3open_server


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What the log has had to say."""
    caplog.set_level(logging.INFO, "s3open")
    return lambda: [record.getMessage() for record in caplog.records]


def write(content: bytes, mode: str = "wb") -> None:
    with open_any(NAME, mode, config=PARTS) as file:
        file.write(content)


def warned(action: Callable[[], object], times: int = 2) -> list[str]:
    """Return the warnings that *action* gives, done several times."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        for _ in range(times):
            action()
    return [str(warning.message) for warning in found]


@pytest.mark.parametrize(("status", "code"), [(501, None), (400, "InvalidArgument")])
@pytest.mark.parametrize(
    ("verb", "content"),
    [
        ("PutObject", b"small"),
        ("CreateMultipartUpload", LARGE),
        ("UploadPart", LARGE),
    ],
)
def test_a_store_that_refuses_checksums_is_written_to_without(
    server: S3Server,
    told: Callable[[], list[str]],
    verb: str,
    content: bytes,
    status: int,
    code: str | None,
) -> None:
    # It is the first request of this kind that finds it out.
    serial = Config(part_size=5 * MIB, connections=1)

    def act() -> None:
        with open_any(NAME, "wb", config=serial) as file:
            file.write(content)

    with server.faulty(Fault(verb, status=status, code=code)):
        weak = warned(act)
    assert server.read(BUCKET, "key") == content
    assert server.uploads(BUCKET) == []
    url = server.endpoint_url
    assert weak == [
        f"the store at {url} refuses checksums: what is sent to it is not verified"
    ]
    assert f"the store at {url} does not know checksums" in told()
    with server.counting() as seen:
        act()
    assert seen.operations[verb] == (3 if verb == "UploadPart" else 1)


def test_an_argument_that_is_wrong_is_no_reason_to_do_without_checksums(
    server: S3Server,
) -> None:
    fault = Fault("PutObject", status=400, code="InvalidArgument", times=2)
    with server.faulty(fault), pytest.raises(ValueError, match="InvalidArgument"):
        write(b"small")
    assert (server.endpoint_url, "checksums") not in endpoint._known
    write(b"small")
    with server.counting() as seen, server.faulty(fault):
        with pytest.raises(ValueError, match="InvalidArgument"):
            write(b"small")
    # Now it is known that it takes them.
    assert seen.operations["PutObject"] == 1


def test_what_is_damaged_on_its_way_is_sent_again_with_its_checksum(
    server: S3Server, told: Callable[[], list[str]]
) -> None:
    with server.faulty(Fault("PutObject", flip_request=3)):
        assert warned(lambda: write(b"small"), 1) == []
    assert server.read(BUCKET, "key") == b"small"
    assert told() == [f"the store at {server.endpoint_url} knows checksums"]


def test_a_store_that_ignores_ranges_is_warned_of_once(
    server: S3Server, told: Callable[[], list[str]]
) -> None:
    server.put(BUCKET, "key", LARGE)

    def read() -> None:
        with s3open.open(NAME, "rb") as file:
            file.seek(7 * MIB)
            assert file.read() == LARGE[7 * MIB :]

    assert warned(read) == []
    with server.faulty(Fault("GetObject", ignore=["range"], times=None)):
        weak = warned(read)
    url = server.endpoint_url
    assert weak == [
        f"the store at {url} ignores ranges: all reading begins at the start"
    ]
    assert told() == [f"the store at {url} does not know ranges"]


@pytest.mark.parametrize(
    ("verb", "status", "code"),
    [
        ("UploadPart", 501, "NotImplemented"),
        ("CompleteMultipartUpload", 400, "InvalidPart"),
    ],
)
def test_where_no_part_may_be_sent_twice_all_are_sent_again(
    server: S3Server, verb: str, status: int, code: str
) -> None:
    serial = Config(part_size=5 * MIB, connections=1)
    with open_any(NAME, "wb", config=serial) as file:
        file.write(LARGE)
        file.flush()
        file.seek(3)
        file.write(b"NEW")
        fault = server.faulty(Fault(verb, status=status, code=code))
        fault.__enter__()
    fault.__exit__(None, None, None)
    assert server.read(BUCKET, "key") == LARGE[:3] + b"NEW" + LARGE[6:]
    assert server.uploads(BUCKET) == []


@pytest.mark.parametrize(
    ("ask", "document"),
    [
        (lambda v: v.get_object_tags(AT), b"the object itself"),
        (lambda v: v.get_object_tags(AT), b"<Tag><Key>an</Key></Tag>"),
        (
            lambda v: v.upload_part_copy(AT, "u", 1, range(9), if_match='"e"'),
            b"",
        ),
    ],
)
def test_what_is_taken_for_a_plain_get_or_put_is_not_known_to_the_store(
    ask: Callable[[Any], object], document: bytes
) -> None:
    with Answering([[ok(document, 'ETag: "e"')]]) as server:
        with pytest.raises(s3open.S3Error, match="does not know") as caught:
            ask(reached(f"http://127.0.0.1:{server.port}"))
    assert caught.value.status == 501
    assert not caught.value.ambiguous


@pytest.mark.parametrize(
    "ask",
    [
        lambda v: v.get_object_tags(AT),
        lambda v: v.upload_part_copy(AT, "u", 1, range(9), if_match='"e"'),
    ],
)
def test_an_answer_that_is_torn_is_only_torn(ask: Callable[[Any], object]) -> None:
    with Answering([[ok(b"<Tagg")]]) as server:
        with pytest.raises(s3open.S3Error) as caught:
            ask(reached(f"http://127.0.0.1:{server.port}"))
    assert caught.value.status != 501
    assert caught.value.retryable


def reached(url: str) -> Any:
    config = Config(
        endpoint_url=url,
        region="us-east-1",
        access_key="AKIAEXAMPLE",
        secret_key="not-a-secret",
    )
    return clients.verbs_for(config, AT.uri)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("http://store.example:9000", False),
        ("http://10.0.0.7", False),
        ("http://127.0.0.1.example.com", False),
        ("http://localhost.example.com:80", False),
        ("https://store.example:9000", True),
        ("http://localhost:9000", True),
        ("http://127.8.0.1/path", True),
        ("http://[::1]:9000", True),
    ],
)
def test_a_store_elsewhere_without_tls_is_warned_of_once(url: str, safe: bool) -> None:
    def reach() -> None:
        clients._verbs.clear()
        reached(url)

    weak = warned(reach)
    assert len(weak) == (not safe)
    assert safe or weak[0].startswith(f"the store at {url} is reached without TLS")


def test_nothing_is_written_where_nobody_listens() -> None:
    # Not even through the handler of last resort, which is there for warnings.
    code = (
        "import sys, s3open; from s3open.s3 import endpoint as e;"
        "e.remember('http://localhost', 'GetObjectTagging', e.Honours.LACKS);"
        "assert 'logging' not in sys.modules; import logging;"
        "e.remember('http://localhost', 'UploadPartCopy', e.Honours.LACKS);"
        "print(logging.getLogger('s3open').handlers)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[<NullHandler (NOTSET)>]\n"
    assert done.stderr == ""
