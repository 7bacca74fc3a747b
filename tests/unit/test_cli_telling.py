"""What commands print, and which exit codes they have, whatever the store says."""

from __future__ import annotations

import io
import json
import os
import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from s3open.cli import answers, main, service
from s3open.config import Config
from s3open.errors import S3FileNotFoundError
from s3open.filesystem.listed import Listed
from s3open.trees.events import Event
from s3open.trees.filters import Rule
from s3open.trees.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOON = datetime(2026, 1, 31, 12, 0, 5, tzinfo=timezone.utc)
LISTING = [
    Listed("s3://b/a.txt", "a.txt", 1536, NOON, "e", "STANDARD"),
    Listed("s3://b/bell\a", "bell\a", 3, NOON, "f", "GLACIER"),
    Listed("s3://b/folder/", "folder/"),
    Listed("s3://b/two\nlines é", "two\nlines é", 0, NOON, "g", "STANDARD"),
]


class Fake:
    """A file system that has what a test says, and remembers what it is asked."""

    def __init__(self, **answers: Callable[..., Any]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.config: Config | None = None

    def __call__(self, config: Config) -> Fake:
        self.config = config
        return self

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self.asked.append((name, arguments, options))
            return self.answers[name](*arguments, **options)

        return call


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Fake]:
    def make(**answers: Callable[..., Any]) -> Fake:
        made = Fake(**answers)
        monkeypatch.setattr(service, "FileSystem", made)
        return made

    return make


@pytest.fixture
def listing(fake: Callable[..., Fake]) -> Fake:
    files = [each for each in LISTING if not each.is_dir]
    return fake(ls=lambda *_, **__: iter(LISTING), find=lambda *_, **__: iter(files))


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_ls_prints_a_name_on_a_line_and_nothing_that_a_terminal_obeys(
    listing: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ls", "s3://b"]) == 0
    assert lines(capsys) == [
        "s3://b/a.txt",
        "'s3://b/bell\\x07'",
        "s3://b/folder/",
        "'s3://b/two\\nlines é'",
    ]
    [(_, arguments, options)] = listing.asked
    assert arguments == ("s3://b",)
    assert options == {"recursive": False, "versions": False, "full": True}


def test_ls_long_has_time_size_and_a_storage_class_that_is_not_the_usual(
    listing: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ls", "-l", "s3://b"]) == 0
    assert lines(capsys) == [
        "2026-01-31 12:00:05         1536  s3://b/a.txt",
        "2026-01-31 12:00:05            3  GLACIER  's3://b/bell\\x07'",
        "                               -  s3://b/folder/",
        "2026-01-31 12:00:05            0  's3://b/two\\nlines é'",
    ]
    assert main(["ls", "-lH", "s3://b"]) == 0
    assert "     1.5 KiB  s3://b/a.txt" in lines(capsys)[0]


def test_ls_in_json_is_exact(listing: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ls", "--json", "s3://b"]) == 0
    found = [json.loads(line) for line in lines(capsys)]
    assert [each["uri"] for each in found] == [each.uri for each in LISTING]
    assert found[0] == {
        "uri": "s3://b/a.txt",
        "size": 1536,
        "last_modified": "2026-01-31T12:00:05+00:00",
        "etag": "e",
        "storage_class": "STANDARD",
    }
    assert found[2] == {"uri": "s3://b/folder/"}


def test_ls_with_nul_has_names_as_they_are(
    fake: Callable[..., Fake], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    bad = os.fsdecode(b"\xff")
    entries = [Listed(name, name, 1) for name in ("a\nb", bad)]
    fake(ls=lambda *_, **__: iter(entries))
    assert main(["ls", "-0", "."]) == 0
    assert capfdbinary.readouterr().out == b"a\nb\0\xff\0"


def test_names_that_are_no_text_are_printed_all_the_same(
    fake: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
) -> None:
    fake(ls=lambda *_, **__: iter([Listed("\udcff", "\udcff", 1)]))
    assert main(["ls", "."]) == 0
    assert main(["ls", "--json", "."]) == 0
    first, second = lines(capsys)
    assert first == r"'\udcff'"
    assert json.loads(second)["uri"] == "\udcff"


def test_a_summary_counts_files_and_bytes(
    listing: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ls", "--summarize", "s3://b", "s3://c"]) == 0
    assert lines(capsys)[-3:] == ["", "Total Objects: 6", "   Total Size: 3078"]


def test_ls_prints_as_it_receives(
    fake: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
) -> None:
    def listed(*_: object, **__: object) -> Iterator[Listed]:
        yield LISTING[0]
        assert lines(capsys) == ["s3://b/a.txt"]
        yield LISTING[2]

    fake(ls=listed)
    assert main(["ls", "s3://b"]) == 0
    assert lines(capsys) == ["s3://b/folder/"]


def test_one_place_that_fails_keeps_no_other(
    fake: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
) -> None:
    def listed(place: str, **_: object) -> Iterator[Listed]:
        if place == "s3://no":
            raise S3FileNotFoundError.at(place)
        if place == "bad":
            raise ValueError("it is bad")
        return iter(LISTING[:1])

    fake(ls=listed)
    assert main(["ls", "s3://no", "bad", "s3://b"]) == 1
    shown = capsys.readouterr()
    assert shown.out == "s3://b/a.txt\n"
    assert "No such file or directory: 's3://no'" in shown.err
    assert "s3open: bad: it is bad" in shown.err
    assert "Traceback" not in shown.err


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        ([], 3),
        (["--larger", "3"], 1),
        (["--larger", "2", "--smaller", "1k"], 1),
        (["--newer-than", "1h"], 0),
        (["--older-than", "1h"], 3),
    ],
)
def test_find_takes_what_fits(
    listing: Fake, capsys: pytest.CaptureFixture[str], flags: list[str], found: int
) -> None:
    assert main(["find", "s3://b", *flags]) == 0
    assert len(lines(capsys)) == found
    assert listing.asked[0][1] == ("s3://b", "*")


def test_a_tree_is_drawn(
    fake: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
) -> None:
    below = {
        "s3://b/": ["s3://b/a/", "s3://b/z"],
        "s3://b/a/": ["s3://b/a/b/", "s3://b/a/x"],
        "s3://b/a/b/": ["s3://b/a/b/c"],
    }

    def listed(place: str, **_: object) -> Iterator[Listed]:
        for uri in below[place]:
            size = None if uri.endswith("/") else 2048
            yield Listed(uri, uri, size, NOON if size else None)

    made = fake(ls=listed)
    assert main(["tree", "s3://b/"]) == 0
    assert lines(capsys) == [
        "s3://b/",
        "├── a/",
        "│   ├── b/",
        "│   │   └── c",
        "│   └── x",
        "└── z",
    ]
    del made.asked[:]
    assert main(["tree", "--depth", "1", "-H", "s3://b/"]) == 0
    assert lines(capsys) == [
        "s3://b/",
        "├── a/",
        "└── z  (2.0 KiB, 2026-01-31 12:00:05)",
    ]
    assert len(made.asked) == 1


def test_versions_say_which_are_old_and_what_was_deleted(
    fake: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
) -> None:
    entries = [
        Listed("s3://b/k", "k", None, NOON, version_id="3", deleted=True),
        Listed("s3://b/k", "k", 7, NOON, version_id="2", latest=False),
    ]
    made = fake(versions=lambda *_: iter(entries), ls=lambda *_, **__: iter(entries))
    assert main(["versions", "s3://b/k"]) == 0
    assert main(["versions", "-r", "s3://b/k"]) == 0
    assert main(["ls", "--versions", "s3://b/k"]) == 0
    shown = lines(capsys)
    assert shown[:2] == shown[2:4] == shown[4:]
    assert shown[0] == "2026-01-31 12:00:05      deleted  3  s3://b/k"
    assert shown[1] == "2026-01-31 12:00:05            7  2 (old)  s3://b/k"
    assert [each[0] for each in made.asked] == ["versions", "ls", "ls"]
    assert main(["versions", "--json", "s3://b/k"]) == 0
    newest, old = map(json.loads, lines(capsys))
    assert newest["deleted"] is newest["latest"] is True
    assert old["latest"] is False
    assert "deleted" not in old


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0"),
        (1023, "1023"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        ((1 << 20) - 1, "1.0 MiB"),
        (5 << 40, "5.0 TiB"),
        (5 << 60, "5120.0 PiB"),
    ],
)
def test_sizes_for_people(size: int, text: str) -> None:
    assert answers.size_text(size, human=True) == text
    assert answers.size_text(size, human=False) == str(size)


def events(*given: Event) -> Callable[..., None]:
    def work(*_: object, on_event: Callable[[Event], None], **__: object) -> None:
        report = Report()
        for event in given:
            on_event(event)
            report.add(event)
        report.raise_for_failures()

    return work


UP = Event("copy", "a", "s3://b/a", 3)
DOWN = Event("copy", "s3://b/a", "x\ny", 3)
ACROSS = Event("copy", "s3://b/a", "s3://c/a", 3)
MOVED = Event("move", "s3://b/a", "s3://c/a", 3)
GONE = Event("remove", "s3://b/a")
LEFT = Event("skip", "a", "s3://b/a", 3)
LOST = Event("fail", "a", "s3://b/a", error=PermissionError(13, "Not yours", "a"))
ODD = Event("fail", "a", "s3://b/a", error=ValueError("no"))


def test_what_is_done_is_told_as_aws_cli_tells_it(
    fake: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
) -> None:
    fake(cp=events(UP, DOWN, ACROSS, LEFT), mv=events(MOVED), rm=events(GONE))
    assert main(["cp", "a", "b"]) == 0
    assert main(["mv", "a", "b"]) == 0
    assert main(["rm", "a"]) == 0
    assert lines(capsys) == [
        "upload: a to s3://b/a",
        "download: s3://b/a to 'x\\ny'",
        "copy: s3://b/a to s3://c/a",
        "move: s3://b/a to s3://c/a",
        "delete: s3://b/a",
    ]


def test_more_or_less_is_told_where_that_is_wanted(
    fake: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
) -> None:
    fake(sync=events(UP, LEFT))
    assert main(["sync", "-q", "a", "b"]) == 0
    assert lines(capsys) == []
    assert main(["sync", "-v", "a", "b"]) == 0
    assert lines(capsys) == ["upload: a to s3://b/a", "skip: a to s3://b/a"]
    assert main(["sync", "-n", "a", "b"]) == 0
    assert lines(capsys) == ["(dryrun) upload: a to s3://b/a"]
    assert main(["sync", "--json", "a", "b"]) == 0
    [line] = lines(capsys)
    assert json.loads(line) == {
        "action": "copy",
        "source": "a",
        "target": "s3://b/a",
        "size": 3,
    }
    assert main(["sync", "--json", "-v", "a", "b"]) == 0
    assert [json.loads(line)["action"] for line in lines(capsys)] == ["copy", "skip"]


def test_what_fails_is_told_once_and_the_code_is_1(
    fake: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
) -> None:
    fake(cp=events(LOST, UP, ODD))
    assert main(["cp", "-q", "a", "b"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines() == [
        "s3open: [Errno 13] Not yours: 'a'",
        "s3open: a: no",
    ]
    assert main(["cp", "--json", "a", "b"]) == 1
    told = [json.loads(line) for line in lines(capsys)]
    assert told[2]["error"] == "no"


def test_the_error_of_a_single_file_is_told_once(
    fake: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
) -> None:
    error = FileNotFoundError(2, "Not there", "a")

    def copy(*_: object, on_event: Callable[[Event], None], **__: object) -> None:
        on_event(Event("fail", "a", "s3://b/a", error=error))
        raise error

    def raising(*_: object, **__: object) -> None:
        raise error

    fake(cp=copy, rm=raising)
    for command in (["cp", "a", "s3://b/"], ["rm", "a"]):
        assert main(command) == 1
        assert capsys.readouterr().err == "s3open: [Errno 2] Not there: 'a'\n"


def test_flags_are_handed_on_by_the_names_of_the_methods(
    fake: Callable[..., Fake], tmp_path: Any
) -> None:
    made = fake(cp=events(), sync=events(), rm=events(), mv=events())
    key = tmp_path / "key"
    key.write_bytes(bytes(32))
    command = (
        "cp -r a s3://b/ --exclude * --include *.txt -j 3 --dryrun --metadata x=1,y=2 "
        "--metadata z=3 --storage-class GLACIER --policy private --sse -z "
        f"--preserve-acl --no-progress --sse-customer-key-file {key}"
    )
    assert main(command.split()) == 0
    [(method, arguments, options)] = made.asked
    del options["progress"], options["on_event"]
    assert (method, arguments) == ("cp", ("a", "s3://b/"))
    assert options == {
        "recursive": True,
        "force": True,
        "skip": False,
        "if_newer": False,
        "version_id": None,
        "glob": False,
        "exclude": [Rule(False, "*"), Rule(True, "*.txt")],
        "dry_run": True,
        "workers": 3,
        "metadata": {"x": "1", "y": "2", "z": "3"},
        "storage_class": "GLACIER",
        "acl": "private",
        "sse": "AES256",
        "sse_customer_key": bytes(32),
        "gzip": True,
        "preserve_acl": True,
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("cp a s3://b/k", {"force": True, "skip": False, "if_newer": False}),
        ("cp -f a s3://b/k", {"force": True, "skip": False}),
        ("cp -s a s3://b/k", {"force": False, "skip": True}),
        ("cp --no-clobber a s3://b/k", {"force": False, "skip": True}),
        ("cp -x a s3://b/k", {"force": False, "skip": False}),
        ("cp -u a s3://b/k", {"if_newer": True}),
        (
            "cp --metadata-directive replace s3://b/k s3://b/l",
            {"replace_metadata": True},
        ),
        ("cp --no-guess-mime-type a s3://b", {"content_type": "binary/octet-stream"}),
        ("cp --raw a*b s3://b/k", {"glob": False}),
        ("cp . s3://b/k", {"glob": False}),
        ("cp a* s3://b/k", {"glob": True}),
        ("rm s3://b/a*", {"glob": True, "missing_ok": False}),
        ("rm -f --raw s3://b/a*", {"glob": False, "missing_ok": True}),
        ("cp --no-follow-symlinks a s3://b", {"follow_links": False}),
        ("sync a b", {"compare": "auto", "delete": False, "protect": []}),
        ("sync a b --size-only", {"compare": "size"}),
        ("sync a b --exact-timestamps", {"compare": "mtime"}),
        ("sync a b --delete -D x -D y", {"delete": True, "protect": ["x", "y"]}),
        ("rm s3://b/k --version-id 7", {"version_id": "7", "recursive": False}),
        ("rm -rf s3://b --versions --mfa 1", {"versions": True, "mfa": "1"}),
    ],
)
def test_what_flags_become(
    fake: Callable[..., Fake], line: str, expected: dict[str, object]
) -> None:
    made = fake(cp=events(), sync=events(), rm=events())
    assert main(line.split()) == 0
    [(_, _, options)] = made.asked
    assert {name: options[name] for name in expected} == expected


def test_several_sources_go_below_one_folder(fake: Callable[..., Fake]) -> None:
    made = fake(cp=events())
    assert main(["cp", "a", "b", "s3://c/d"]) == 0
    assert [each[1] for each in made.asked] == [("a", "s3://c/d/"), ("b", "s3://c/d/")]


def test_the_users_folder_is_meant_by_a_tilde(
    fake: Callable[..., Fake], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    made = fake(cp=events(), ls=lambda *_, **__: iter([]))
    assert main(["cp", "~/a", "~/b"]) == 0
    assert main(["ls", "~/a", "s3://b/~c", "bucket/key"]) == 0
    assert made.asked[0][1] == ("/home/me/a", "/home/me/b")
    names = [each[1][0] for each in made.asked[1:]]
    assert names == ["/home/me/a", "s3://b/~c", "bucket/key"]


def test_the_store_is_what_the_flags_say(fake: Callable[..., Fake]) -> None:
    made = fake(ls=lambda *_, **__: iter([]))
    command = "ls s3://b --endpoint-url http://x --region r --profile p"
    assert main([*command.split(), "--request-payer", "requester"]) == 0
    assert made.config == Config(
        endpoint_url="http://x", region="r", profile="p", requester_pays=True
    )
    assert main(["ls", "s3://b", "--no-sign-request"]) == 0
    assert made.config == Config(anonymous=True)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("flags", "typed", "asked", "done"),
    [
        (["-r"], "\n", True, False),
        (["-r"], "no\n", True, False),
        (["-r"], "y\n", True, True),
        (["-r", "-f"], "", False, True),
        (["-r", "-y"], "", False, True),
        (["-r", "-n"], "", False, True),
        ([], "", False, True),
    ],
)
def test_rm_of_a_tree_asks_whoever_can_answer(
    fake: Callable[..., Fake],
    monkeypatch: pytest.MonkeyPatch,
    flags: list[str],
    typed: str,
    asked: bool,
    done: bool,
) -> None:
    made = fake(rm=events())
    screen = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys, "stderr", screen)
    assert main(["rm", "--no-progress", *flags, "s3://b/k"]) == (0 if done else 1)
    assert ("[y/N]" in screen.getvalue()) is asked
    assert bool(made.asked) is done


def test_a_program_is_not_asked(
    fake: Callable[..., Fake], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = fake(rm=events())
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    assert main(["rm", "-r", "s3://b/k"]) == 0
    assert made.asked


@pytest.mark.parametrize(
    "line",
    [
        "cp - s3://b/k --recursive",
        "cp - other s3://b/k",
        "cp - s3://b/k --dryrun",
        "cp s3://b/k - --exclude x",
        "mv - s3://b/k",
        "mv s3://b/k -",
        "cp a b s3://c --version-id 7",
        "cat a b --version-id 7",
        "put k --gzip --append",
        "put k --storage-class GLACIER",
    ],
)
def test_what_does_not_go_together_is_usage(
    fake: Callable[..., Fake], capsys: pytest.CaptureFixture[str], line: str
) -> None:
    made = fake()
    assert main(line.split()) == 2
    assert capsys.readouterr().err.startswith("s3open: ")
    assert made.asked == []


def test_an_interrupt_is_130_and_says_nothing(
    fake: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    fake(ls=interrupted)
    assert main(["ls", "s3://b"]) == 130
    assert capsys.readouterr().err == ""


def test_a_traceback_is_shown_to_those_who_ask_for_it(
    fake: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
) -> None:
    fake(exists=lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["edit", "k", "--debug"])


def test_restore_and_undo_say_what_they_have_done(
    fake: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
) -> None:
    made = fake(restore=lambda *_, **__: 3, undo=lambda *_: "v7")
    assert main(["restore", "-r", "s3://b/k"]) == 0
    assert main(["undo", "s3://b/k"]) == 0
    assert lines(capsys) == [
        "restore: s3://b/k (count=3)",
        "undo: s3://b/k (version_id=v7)",
    ]
    assert made.asked[0][2] == {"recursive": True}
    assert main(["undo", "--json", "s3://b/k"]) == 0
    assert json.loads(lines(capsys)[0])["version_id"] == "v7"
    assert main(["undo", "-q", "s3://b/k"]) == 0
    assert lines(capsys) == []


def test_du_prints_folders_before_what_they_are_in(
    fake: Callable[..., Fake], capsys: pytest.CaptureFixture[str]
) -> None:
    from s3open.trees.measuring import Usage

    usage = Usage("s3://b/", 2048, 3, [Usage("s3://b/a/", 7, 1)])
    made = fake(du=lambda *_, **__: usage, ls=lambda *_, **__: iter(LISTING))
    assert main(["du", "--depth", "1", "-H", "s3://b"]) == 0
    assert lines(capsys) == [
        "          7         1  s3://b/a/",
        "    2.0 KiB         3  s3://b/",
    ]
    assert made.asked[0][2] == {"max_depth": 1}
    assert main(["du", "--json", "--versions", "s3://b"]) == 0
    assert json.loads(lines(capsys)[0]) == {"uri": "s3://b/", "size": 1539, "count": 3}
