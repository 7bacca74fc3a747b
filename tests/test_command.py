"""The command, as a process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from s3open.testing import S3Server


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "s3open", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_demo_runs_to_the_end_and_tells_what_each_step_costs() -> None:
    done = run("demo")
    assert done.stderr == ""
    assert done.returncode == 0
    costs = re.findall(r"\[(\d+) requests: (.*); bytes: ", done.stdout)
    assert costs == [
        ("1", "1 PutObject"),
        ("1", "1 GetObject"),
        (
            "9",
            "1 CreateMultipartUpload, 4 UploadPart, 1 CompleteMultipartUpload, "
            "3 GetObject",
        ),
        ("1", "1 PutObject"),
        ("5", "3 HeadObject, 2 PutObject"),
        ("11", "3 HeadObject, 4 GetObject, 3 PutObject, 1 GetObjectTagging"),
        ("3", "1 GetObject, 1 GetObjectTagging, 1 PutObject"),
        ("1", "1 GetObject"),
        ("2", "1 PutObject, 1 GetObject"),
        ("1", "1 GetObject"),
    ]
    assert "still there: 'Hällo, world!\\n'" in done.stdout
    assert done.stdout.endswith("has been deleted again.\n")


def test_the_demo_runs_in_the_users_bucket_and_cleans_up(
    s3open_server: S3Server, s3open_bucket: str
) -> None:
    s3open_server.put(s3open_bucket, "mine", b"untouched")
    done = run("demo", "--bucket", s3open_bucket)
    assert done.returncode == 0, done.stderr
    assert s3open_server.keys(s3open_bucket) == ["mine"]


def test_the_demo_says_what_is_wrong_with_the_users_bucket(
    s3open_server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", os.fspath(tmp_path))
    done = run("demo", "--bucket", "no-such-bucket")
    assert done.returncode == 1
    assert "the bucket does not exist" in done.stderr
    assert "Traceback" not in done.stderr
    assert "is kept in" not in done.stderr
    assert not list(tmp_path.rglob("*.data"))


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = f"{sys.executable} -m s3open demo | head -1"
    done = subprocess.run(
        command, shell=True, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("A server of our own")
    assert done.stderr == ""
