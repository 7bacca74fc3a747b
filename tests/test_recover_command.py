"""``s3open recover``: list, publish, discard."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import PublishError
from s3open.cli import main
from s3open.testing import Fault, S3Server
from s3open.writing import recovery
from tests.stores import open_any
from tests.test_command import run

if TYPE_CHECKING:
    from tests.stores import S3Store

BUCKET = "s3open-test"


@pytest.fixture
def server(
    s3open_server: S3Server, s3open_bucket: str, _private_recovery: None
) -> S3Server:
    return s3open_server


def lose(server: S3Server, key: str, mode: str = "w", **options: Any) -> str:
    """Have a file not published; return the name of what is kept."""
    fault = Fault(operation="PutObject", status=403, times=None)
    with server.faulty(fault), pytest.raises(PublishError) as caught:
        with open_any(f"s3://{BUCKET}/{key}", mode, **options) as file:
            file.write(f"content of {key}")
    assert caught.value.recovery is not None
    return Path(caught.value.recovery).stem


def names() -> set[str]:
    return {kept.name for kept in s3open.recover()}


@pytest.mark.parametrize("arguments", [[], ["list"]])
def test_the_list_says_where_each_belongs_and_why_it_is_here(
    server: S3Server, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    kept = [lose(server, key) for key in ("one", "two\nlines\x1b[2J")]
    assert main(["recover", *arguments]) == 0
    out, err = capsys.readouterr()
    assert all(name in out for name in kept)
    assert f"s3://{BUCKET}/one" in out
    assert "14 bytes, all of it" in out
    assert "replaces what is there" in out
    assert out.count("Permission denied") == 2
    assert "\x1b" not in out
    assert err == ""


def test_where_nothing_was_lost_nothing_is_listed(
    server: S3Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["recover"]) == 0
    assert main(["recover", "publish", "--all"]) == 0
    assert main(["recover", "discard", "--all"]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["recover", "list", "--json"]) == 0
    assert capsys.readouterr().out == ""


def test_the_list_for_programs_has_it_all(
    server: S3Server, capsys: pytest.CaptureFixture[str]
) -> None:
    name = lose(server, "one", "x")
    assert main(["recover", "list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (kept,) = s3open.recover()
    assert found == {
        "name": name,
        "uri": f"s3://{BUCKET}/one",
        "reason": kept.reason,
        "time": kept.time.isoformat(),
        "size": 14,
        "path": kept.path,
        "condition": "absent",
        "partial": False,
        "ambiguous": False,
    }


def test_what_is_named_is_published(
    server: S3Server, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = lose(server, "one"), lose(server, "two")
    assert main(["recover", "publish", two, two]) == 0
    assert capsys.readouterr().out == f"published s3://{BUCKET}/two\n"
    assert server.read(BUCKET, "two") == b"content of two"
    assert server.keys(BUCKET) == ["two"]
    assert names() == {one}


def test_all_are_published_as_far_as_that_can_be_done(
    server: S3Server, capsys: pytest.CaptureFixture[str]
) -> None:
    lose(server, "one")
    stays = lose(server, "two", "x")
    lose(server, "three")
    server.put(BUCKET, "two", b"theirs")
    assert main(["recover", "publish", "--all"]) == 1
    out, err = capsys.readouterr()
    assert out.count("published") == 2
    assert f"{stays}: [Errno 17]" in err
    assert names() == {stays}
    assert main(["recover", "publish", stays, "--force"]) == 0
    assert server.read(BUCKET, "two") == b"content of two"


def test_it_is_published_elsewhere_if_that_is_said(server: S3Server) -> None:
    name = lose(server, "one")
    lose(server, "two")
    assert main(["recover", "publish", "--all", "--to", f"s3://{BUCKET}/x"]) == 2
    assert server.keys(BUCKET) == []
    assert main(["recover", "publish", name, "--to", f"s3://{BUCKET}/x"]) == 0
    assert server.read(BUCKET, "x") == b"content of one"


def test_it_goes_to_another_store_if_that_is_said(server: S3Server) -> None:
    name = lose(server, "one")
    with S3Server(access_key=server.access_key, secret_key=server.secret_key) as other:
        other.create_bucket(BUCKET)
        store = ["--endpoint-url", other.endpoint_url, "--region", other.region]
        assert main(["recover", "publish", name, *store]) == 0
        assert other.read(BUCKET, "one") == b"content of one"
    assert server.keys(BUCKET) == []


def test_a_customers_key_comes_from_a_file(
    server: S3Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = bytes(range(32))
    name = lose(server, "one", sse_customer_key=key)
    assert main(["recover", "publish", name]) == 1
    assert "sse_customer_key" in capsys.readouterr().err
    file = tmp_path / "key"
    file.write_bytes(key)
    command = ["recover", "publish", name, "--sse-customer-key-file", str(file)]
    assert main(command) == 0
    with s3open.open(f"s3://{BUCKET}/one", sse_customer_key=key) as stored:
        assert stored.read() == "content of one"


@pytest.mark.parametrize("answer", ["", "n\n", "\n"])
def test_discarding_asks_and_does_nothing_by_default(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    name = lose(server, "one")
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert main(["recover", "discard", name]) == 1
    assert names() == {name}


@pytest.mark.parametrize("answer", ["y\n", "-y", "-f", "--yes"])
def test_what_is_discarded_is_gone(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    one, two = lose(server, "one"), lose(server, "two")
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    sure = [answer] if answer.startswith("-") else []
    assert main(["recover", "discard", one, *sure]) == 0
    assert names() == {two}
    assert server.keys(BUCKET) == []


@pytest.mark.parametrize("action", ["publish", "discard"])
@pytest.mark.parametrize("spell", ["../{}", "./{}", "{}.data", "{}.json", "/etc/x", ""])
def test_a_name_leads_nowhere_else(
    server: S3Server, capsys: pytest.CaptureFixture[str], action: str, spell: str
) -> None:
    name = lose(server, "one")
    outside = recovery.directory().parent / name
    for suffix in (".data", ".json"):
        source = recovery.directory() / f"{name}{suffix}"
        outside.with_suffix(suffix).write_bytes(source.read_bytes())
    before = sorted(outside.parent.rglob("*"))
    sure = ["-y"] if action == "discard" else []
    assert main(["recover", action, spell.format(name), *sure]) == 1
    assert "there is no recovery file" in capsys.readouterr().err
    assert sorted(outside.parent.rglob("*")) == before
    assert server.keys(BUCKET) == []


@pytest.mark.parametrize("action", ["publish", "discard"])
def test_nothing_and_everything_has_to_be_said(server: S3Server, action: str) -> None:
    name = lose(server, "one")
    assert main(["recover", action]) == 2
    assert main(["recover", action, name, "--all"]) == 2
    assert names() == {name}


def test_damaged_descriptions_and_halves_are_told(
    server: S3Server, tmp_path: Path
) -> None:
    name = lose(server, "one")
    folder = recovery.directory()
    (folder / "half.data").touch()
    (folder / "other.new").touch()
    (folder / "damaged.json").write_text("{}")
    done = run("recover")
    assert done.returncode == 0
    assert name in done.stdout
    told = done.stderr.splitlines()
    assert len(told) == 2
    assert "damaged.json describes no recovery file" in told[0]
    assert f"2 more in {folder} are not whole" in told[1]


def test_on_every_store_what_is_kept_is_published(s3: S3Store) -> None:
    modes = {"w": b"end", "x": b"end", "a": b"old end", "r+": b"endol"}
    for key in ("a", "r+"):
        s3.put(key, b"old " if key == "a" else b"xyzol")
    for mode in modes:
        file = open_any(s3.name(mode), mode)
        file.write("end")
        with pytest.warns(s3open.UnpublishedWarning):
            del file
    assert main(["recover", "publish", "--all"]) == 0
    assert {key: s3.read(key) for key in modes} == modes
    assert os.listdir(recovery.directory()) == []
