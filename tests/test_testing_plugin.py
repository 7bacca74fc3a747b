"""The fixtures that the package gives to everybody's tests."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import boto3
import pytest

import s3open
from s3open.testing import S3Server, Shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing import ArmedFault

pytest_plugins = ["pytester"]


def test_the_bucket_is_there_and_empty(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    assert s3open_server.keys(s3open_bucket) == []
    s3open_server.put(s3open_bucket, "k", b"x")


def test_it_is_so_for_every_test(s3open_server: S3Server, s3open_bucket: str) -> None:
    assert s3open_server.keys(s3open_bucket) == []


def test_the_environment_leads_there(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    assert os.environ["AWS_ENDPOINT_URL_S3"] == s3open_server.endpoint_url
    for client in (boto3.client("s3"), boto3.session.Session().client("s3")):
        client.put_object(Bucket=s3open_bucket, Key="k", Body=b"x")
    assert s3open_server.read(s3open_bucket, "k") == b"x"


@pytest.fixture
def _users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    session = boto3.session.Session(aws_access_key_id="u", aws_secret_access_key="s")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")


@pytest.mark.usefixtures("_users_own")
def test_nothing_of_the_users_leads_elsewhere(request: pytest.FixtureRequest) -> None:
    own = boto3.DEFAULT_SESSION
    bucket = request.getfixturevalue("s3open_bucket")
    assert boto3.DEFAULT_SESSION is not own
    boto3.client("s3").put_object(Bucket=bucket, Key="k", Body=b"")
    with s3open.open(f"s3://{bucket}/k") as file:
        assert file.read() == ""


def test_without_the_fixture_the_environment_is_left_alone() -> None:
    assert "127.0.0.1" not in os.environ.get("AWS_ENDPOINT_URL_S3", "")


@pytest.mark.s3open(bucket="versions", versioned=True)
def test_the_marker_says_what_bucket_is_wanted(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    assert s3open_bucket == "versions"
    for body in (b"old", b"new"):
        s3open_server.put(s3open_bucket, "k", body)
    found = s3open.versions("s3://versions/k")
    assert len(list(found)) == 2


def test_faults_are_armed_and_count(
    s3open_server: S3Server,
    s3open_bucket: str,
    s3open_fault: Callable[..., ArmedFault],
) -> None:
    busy = s3open_fault("PutObject", status=503, times=2)
    with s3open.open(f"s3://{s3open_bucket}/k", "w") as file:
        file.write("text")
    assert busy.fired == 2
    refused = s3open_fault("GetObject", status=403, times=None)
    with pytest.raises(PermissionError):
        s3open.head(f"s3://{s3open_bucket}/k")
    refused.remove()
    s3open.head(f"s3://{s3open_bucket}/k")
    with pytest.raises(TypeError, match="statsu"):
        s3open_fault("GetObject", statsu=503)
    assert s3open_server.faults_fired == 3


def test_a_shape_is_taken_off_again(
    s3open_server: S3Server, s3open_shape: Callable[..., None]
) -> None:
    s3open_shape(latency=0.001, bandwidth=1e9)
    assert s3open_server.shape == Shape(0.001, 1e9)
    s3open_shape()
    assert s3open_server.shape == Shape()


# A project of somebody who has installed the package and no more.
STRANGER = """
import os
import pathlib

import pytest
import s3open

SEEN = pathlib.Path(os.environ["SEEN"])

@pytest.mark.parametrize("number", range(6))
def test_each_is_alone(number, s3open_server, s3open_bucket):
    name = f"s3://{s3open_bucket}/{number}"
    with s3open.open(name, "x") as file:
        file.write("text")
    assert s3open_server.keys(s3open_bucket) == [str(number)]
    (SEEN / str(s3open_server.port)).touch()

def test_what_is_lost_stays_out_of_the_users_folder(s3open_bucket, s3open_fault):
    s3open_fault("PutObject", status=403)
    with pytest.raises(s3open.PublishError) as failed:
        with s3open.open(f"s3://{s3open_bucket}/k", "w") as file:
            file.write("kept")
    kept = pathlib.Path(failed.value.recovery)
    assert "s3open-state" in kept.parts
    assert kept.read_text() == "kept"

@pytest.mark.s3open(bucket="mine", lock=True)
def test_markers_and_slowness(s3open_server, s3open_bucket, s3open_shape):
    s3open_shape(latency=0.01)
    assert s3open_bucket == "mine"
    with s3open_server.counting() as tally:
        assert not s3open.exists("s3://mine/none")
    assert tally.total

def test_nothing_is_imported_before_it_is_needed():
    assert "AWS_ENDPOINT_URL_S3" not in os.environ
"""


def test_a_strangers_project_needs_no_more_than_to_name_them(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = pytester.mkdir("seen")
    monkeypatch.setenv("SEEN", os.fspath(seen))
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    pytester.makepyfile(STRANGER)
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    strict = ("-p", "no:cacheprovider", "--strict-markers", "--strict-config")
    done = pytester.runpytest_subprocess("-n2", "-p", "no:hypothesispytest", *strict)
    done.assert_outcomes(passed=9)
    # Each worker has a server of its own, and one is enough for it.
    assert 1 <= len(list(seen.iterdir())) <= 2


def test_the_plugin_imports_nothing_of_the_package() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules); import s3open.testing.plugin\n"
        "print(sorted(n for n in set(sys.modules) - before if n.startswith(("
        "'boto', 'asyncio', 's3open.s3', 's3open.testing.'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "['s3open.testing.plugin']\n"
