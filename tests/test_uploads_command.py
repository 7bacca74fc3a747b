"""``s3open uploads``: what was left behind is listed, and aborted if that is meant."""

from __future__ import annotations

import io
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open.cli import main
from s3open.testing import Fault, S3Server

if TYPE_CHECKING:
    from tests.stores import S3Store

BUCKET = "s3open-test"
DAY = 86_400.0
# By key: how many days ago each was begun. Two of one key, and keys that XML, or a
# terminal, would not take as they are.
BEGUN = {
    "a.bin": [8.0, 1.0],
    "logs/one": [30.0],
    "logs/two\n+%20 é": [7.5],
    "logsandmore": [9.0],
    "young": [0.0],
}


@pytest.fixture
def server(s3open_server: S3Server, s3open_bucket: str) -> S3Server:
    import boto3

    client: Any = boto3.client("s3")
    for key, ages in BEGUN.items():
        for days in ages:
            client.create_multipart_upload(Bucket=BUCKET, Key=key)
            newest = max(s3open_server.uploads(BUCKET), key=lambda one: one.initiated)
            newest.initiated = time.time() - days * DAY
    return s3open_server


def left(server: S3Server) -> list[str]:
    return sorted(upload.key for upload in server.uploads(BUCKET))


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(["uploads", "list", "--json", *arguments]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return sorted(each["uri"].removeprefix(f"s3://{BUCKET}/") for each in found)


ALL = sorted(key for key, ages in BEGUN.items() for _ in ages)


@pytest.mark.parametrize("place", [BUCKET, f"s3://{BUCKET}", f"s3://{BUCKET}/"])
def test_a_bucket_lists_all_of_its_uploads(
    server: S3Server, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    assert listed(capsys, place) == ALL
    assert left(server) == ALL


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--older-than", "7d"], [key for key in ALL if key != "young"][1:]),
        (["--older-than", "1w2d12h"], ["logs/one"]),
        (["--older-than", "52w"], []),
        (["--prefix", "logs"], ["logs/one", "logs/two\n+%20 é", "logsandmore"]),
        (["--prefix", "nothing"], []),
    ],
)
def test_age_and_prefix_choose(
    server: S3Server,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    expected: list[str],
) -> None:
    assert listed(capsys, BUCKET, *arguments) == expected


@pytest.mark.parametrize("place", [f"s3://{BUCKET}/logs", f"{BUCKET}/logs/"])
def test_a_place_below_a_bucket_ends_at_the_slash(
    server: S3Server, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    assert listed(capsys, place) == ["logs/one", "logs/two\n+%20 é"]
    assert listed(capsys, f"s3://{BUCKET}/a.bin") == ["a.bin", "a.bin"]


def test_a_list_for_people_has_a_line_for_each_and_nothing_that_a_terminal_obeys(
    server: S3Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["uploads", "list", BUCKET]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(ALL)
    assert all(line.isprintable() for line in lines)
    ids = {upload.upload_id for upload in server.uploads(BUCKET)}
    assert {line.rpartition(" ")[2] for line in lines} == ids


@pytest.mark.parametrize("answer", ["", "\n", "n\n", "no\n", "maybe\n"])
def test_abort_asks_and_does_nothing_by_default(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert main(["uploads", "abort", BUCKET, "--older-than", "7d"]) == 1
    assert left(server) == ALL


@pytest.mark.parametrize("answer", ["y\n", "Yes\n", "-y", "-f", "--yes"])
def test_abort_takes_those_that_are_old_enough(
    server: S3Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    sure = [answer] if answer.startswith("-") else []
    assert main(["uploads", "abort", BUCKET, "--older-than", "7d", *sure]) == 0
    assert left(server) == ["a.bin", "young"]
    assert capsys.readouterr().out.count("aborted ") == 4


def test_where_there_is_nothing_nobody_is_asked(
    server: S3Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["uploads", "abort", BUCKET, "--older-than", "52w"]) == 0
    assert capsys.readouterr().out == "there are none\n"


def test_one_that_cannot_be_aborted_keeps_no_other(
    server: S3Server, capsys: pytest.CaptureFixture[str]
) -> None:
    fault = Fault(operation="AbortMultipartUpload", key="logs/one", status=403)
    with server.faulty(fault):
        assert main(["uploads", "abort", BUCKET, "--older-than", "7d", "-y"]) == 1
    assert left(server) == ["a.bin", "logs/one", "young"]
    error = capsys.readouterr().err
    assert "s3:AbortMultipartUpload" in error
    assert f"s3://{BUCKET}/logs/one" in error


def test_one_that_is_gone_meanwhile_is_fine(server: S3Server) -> None:
    fault = Fault(operation="AbortMultipartUpload", code="NoSuchUpload", status=404)
    with server.faulty(fault):
        assert main(["uploads", "abort", BUCKET, "--older-than", "7d", "-y"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["abort", BUCKET, "-y"],
        ["abort", BUCKET, "-y", "--older-than", "7"],
        ["abort", BUCKET, "-y", "--older-than", "d"],
        ["abort", BUCKET, "-y", "--older-than", "-7d"],
        ["abort", BUCKET, "-y", "--older-than", "7 days"],
        ["abort", "-y", "--older-than", "7d"],
        [],
    ],
)
def test_who_does_not_say_how_old_aborts_nothing(
    server: S3Server, arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["uploads", *arguments])
    assert caught.value.code == 2
    assert left(server) == ALL


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["http://example.com/x"], "not a bucket"),
        (["no-such-bucket"], "does not exist"),
        ([f"{BUCKET}/logs", "--prefix", "x"], "--prefix"),
    ],
)
def test_what_cannot_be_is_told(
    server: S3Server,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    assert main(["uploads", "list", *arguments]) == 1
    assert message in capsys.readouterr().err


def test_a_listing_of_many_pages_is_read_to_its_end(
    server: S3Server,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("s3open.testing.upload_listing.MAX_UPLOADS", 2)
    with server.counting() as seen:
        assert listed(capsys, BUCKET) == ALL
    assert seen.operations["ListMultipartUploads"] == 3


def test_on_every_store_what_is_pending_is_found_and_aborted(
    s3: S3Store, capsys: pytest.CaptureFixture[str]
) -> None:
    s3.client.create_multipart_upload(Bucket=s3.bucket, Key="folder/a b+c")
    assert main(["uploads", "list", s3.bucket]) == 0
    assert f"s3://{s3.bucket}/folder/a b+c" in capsys.readouterr().out
    command = ["uploads", "abort", s3.name("folder"), "--older-than", "0s", "-y"]
    assert main(command) == 0
    assert s3.pending_uploads() == []


def test_writing_and_reading_leave_the_uploads_of_others_alone(
    server: S3Server,
) -> None:
    config = s3open.Config(part_size=5 << 20)
    name = f"s3://{BUCKET}/a.bin"
    with s3open.open(name, "wb", config=config) as file:
        file.write(bytes(11 << 20))
    with s3open.open(name, "ab", config=config) as file:
        file.write(b"more")
    with s3open.open(name, "rb") as file:
        assert len(file.read()) == (11 << 20) + 4
    assert left(server) == ALL
