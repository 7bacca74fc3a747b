"""Trees on every store: there and back, whatever they are called and given."""

from __future__ import annotations

import os
import random
import stat
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

import s3open
from s3open import errors
from s3open.trees.report import Report
from tests.fakes import pattern
from tests.forest import TREE, counts, fill, read

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stores import S3Store

MIB = 1 << 20

# What only S3 has: no file of this machine is called so.
ODD = [
    "a//b",
    "/leading",
    "./x",
    "a/../b",
    "..",
    "a/./c",
    "new\nline",
    "&=//%# ++++",
    "ü/\u2028/\U0001f600",
    "x" * 200 + "/" + "ö" * 300,
    "tail ",
    "?*[a]",
]
LONG = "l/" + "x" * 1021  # 1,024 bytes with "p"


def kept(s3: S3Store, prefix: str) -> dict[str, bytes]:
    """Return what the store has below *prefix*, asked by boto3."""
    there = [key for key in s3.keys() if key.startswith(prefix)]  # noqa: SIM118
    return {key.removeprefix(prefix): s3.read(key) for key in there}


def put(s3: S3Store, prefix: str, files: dict[str, bytes]) -> dict[str, bytes]:
    """Put *files* there, and return those that the store keeps as they are."""
    for name, content in files.items():
        try:
            s3.put(prefix + name, content)
        except Exception:  # boto3's, of what the store does not take
            continue
    there = kept(s3, prefix)
    return {name: data for name, data in files.items() if there.get(name) == data}


def grown(seed: int) -> list[dict[str, bytes]]:
    """Return a tree that changes from one state to the next, at random."""
    chance = random.Random(seed)
    words = ["a", "b", "a-b", "a!", "ä", "-", "x y", "%41", "+"]
    states: list[dict[str, bytes]] = []
    tree: dict[str, bytes] = {}
    for _ in range(4):
        tree = {name: data for name, data in tree.items() if chance.random() < 0.7}
        for _ in range(15):
            name = "/".join(chance.choices(words, k=chance.randint(1, 3)))
            # A file of this machine is no directory at the same time.
            above = {name[: at + 1] for at, letter in enumerate(name) if letter == "/"}
            taken = any(f"{other}/" in above for other in tree)
            if not taken and not any(each.startswith(f"{name}/") for each in tree):
                tree[name] = chance.randbytes(chance.choice([0, 1, 5, 3000]))
        states.append(dict(tree))
    return states


@pytest.mark.parametrize("seed", range(3))
def test_a_tree_that_changes_is_the_same_on_both_sides(
    s3: S3Store, tmp_path: Path, seed: int
) -> None:
    """Up, across and down again, state by state, against plain dicts."""
    up, over = s3.name("up"), s3.name("over/deep/")
    states = grown(seed)
    for number, tree in enumerate(states):
        source = fill(tmp_path / f"source-{number}", tree)
        s3open.sync(source, up, delete=True)
        assert kept(s3, "up/") == tree
        s3open.sync(up, over, delete=True)
        assert kept(s3, "over/deep/") == tree
        s3open.sync(over, tmp_path / "down", delete=True)
        assert read(tmp_path / "down") == tree
        # Nothing is left to be done, in any direction.
        places: list[Any] = [source, up, over, tmp_path / "down"]
        for here, there in pairwise(places):
            again = s3open.sync(here, there, delete=True, dry_run=True)
            assert counts(again) == {"skipped": len(tree)}
    s3open.rm(up, recursive=True)
    assert kept(s3, "up/") == {}
    assert kept(s3, "over/deep/") == states[-1]


def test_a_tree_is_copied_and_moved_both_ways(s3: S3Store, tmp_path: Path) -> None:
    files = {**TREE, "large": pattern(9 * MIB)}
    if s3.kind == "moto":
        # It does not take every letter.
        del files["with space/and\nnewline"]
    source = fill(tmp_path / "source", files)
    (source / "a").chmod(0o640)
    os.utime(source / "a", ns=(1, 1_234_567_890_123_456_789))
    tree = read(source)
    s3open.cp(source, s3.name("t"), recursive=True, content_type="x/y")
    assert kept(s3, "t/") == tree
    assert s3.head("t/a")["ContentType"] == "x/y"
    s3open.cp(s3.name("t"), s3.name("u"), recursive=True)
    assert s3.head("u/a")["ContentType"] == "x/y"
    s3open.mv(s3.name("u"), tmp_path / "down", recursive=True)
    assert kept(s3, "u/") == {}
    assert read(tmp_path / "down") == tree
    found = (tmp_path / "down" / "a").stat()
    assert found.st_mtime_ns == 1_234_567_890_123_456_789
    assert stat.S_IMODE(found.st_mode) == 0o640
    s3open.mv(tmp_path / "down", s3.name("v"), recursive=True)
    assert kept(s3, "v/") == tree
    assert not (tmp_path / "down").exists()
    assert s3.pending_uploads() == []


def test_any_key_is_copied_synced_moved_and_removed(s3: S3Store) -> None:
    files = put(s3, "p/", {name: name.encode() for name in ODD})
    assert len(files) >= 5
    s3open.cp(s3.name("p"), s3.name("q"), recursive=True)
    assert kept(s3, "q/") == files
    assert counts(s3open.sync(s3.name("p"), s3.name("q"))) == {"skipped": len(files)}
    s3open.mv(s3.name("q"), s3.name("r"), recursive=True)
    assert kept(s3, "q/") == {}
    assert kept(s3, "r/") == files
    for name in list(files):
        s3open.rm(s3.name(f"r/{name}"), glob=False)
        del files[name]
        assert kept(s3, "r/") == files
    s3open.rm(s3.name("p/"), recursive=True)
    assert s3.keys() == []


def test_a_key_may_have_1_024_bytes_and_no_more(s3: S3Store) -> None:
    s3.require_key("p" + LONG)
    s3.put("p" + LONG, b"long")
    s3open.cp(s3.name("p" + LONG), s3.name("q" + LONG))
    assert s3.read("q" + LONG) == b"long"
    s3open.mv(s3.name("ql"), s3.name("r/"), recursive=True)
    assert s3.keys() == ["p" + LONG, "r/" + LONG[2:]]
    if s3.kind == "moto":
        return  # which takes longer ones
    report = Report()
    s3open.cp(s3.name("pl"), s3.name("more-than-that"), recursive=True, report=report)
    assert counts(report) == {"failures": 1}
    assert len(s3.keys()) == 2


def is_fine(name: str) -> bool:
    """Whether there can be a file of this machine that has that name."""
    parts = name.split("/")
    short = all(len(part.encode()) < 256 for part in parts)
    return short and not {"", ".", ".."} & set(parts)


def test_only_what_is_a_name_comes_down(s3: S3Store, tmp_path: Path) -> None:
    files = put(s3, "p/", dict.fromkeys([*ODD, "good", "d/good"], b"odd"))
    target = tmp_path / "target"
    report = Report()
    s3open.sync(s3.name("p"), target, report=report)
    fine = {name: data for name, data in files.items() if is_fine(name)}
    assert read(target) == fine
    assert report.failures == len(files) - len(fine)
    assert [path.name for path in tmp_path.iterdir() if path.name != "state"] == [
        "target"
    ]


def test_markers_are_directories_everywhere(s3: S3Store, tmp_path: Path) -> None:
    for key in ("p/", "p/d/", "p/d/e/"):
        s3.put(key, b"")
    s3.put("p/f", b"1")
    s3open.cp(s3.name("p"), tmp_path / "t", recursive=True)
    assert (tmp_path / "t" / "d" / "e").is_dir()
    assert read(tmp_path / "t") == {"f": b"1"}
    s3open.sync(s3.name("p"), s3.name("q"))
    assert set(kept(s3, "q/")) - {""} == {"d/", "d/e/", "f"}
    s3open.sync(tmp_path / "t", s3.name("q"), delete=True)
    assert set(kept(s3, "q/")) - {""} == {"d/", "d/e/", "f"}


def test_what_is_there_first_stays_if_it_is_to_stay(
    s3: S3Store, tmp_path: Path
) -> None:
    source = fill(tmp_path / "source", {"a": b"new", "b": b"new"})
    s3.put("t/a", b"old")
    report = s3open.cp(source, s3.name("t"), recursive=True, skip=True)
    assert counts(report) == {"copied": 1, "skipped": 1}
    assert kept(s3, "t/") == {"a": b"old", "b": b"new"}
    with pytest.raises(errors.TreeError) as caught:
        s3open.cp(source, s3.name("t"), recursive=True, force=False)
    assert caught.value.count == 2
    assert kept(s3, "t/") == {"a": b"old", "b": b"new"}


@pytest.mark.parametrize("multipart", [False, True])
def test_who_may_do_what_goes_along(
    s3: S3Store, multipart: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if s3.kind == "moto":
        pytest.skip("its objects have the ACL of their bucket")
    if multipart:
        from s3open.s3 import duplication

        monkeypatch.setattr(duplication, "MAX_COPY", 6 * MIB)
        monkeypatch.setattr(duplication, "PART_SIZE", 6 * MIB)
    s3.client.put_object(
        Bucket=s3.bucket, Key="open", Body=bytes(9 * MIB), ACL="public-read"
    )
    s3open.cp(s3.name("open"), s3.name("kept"), preserve_acl=True)
    s3open.cp(s3.name("open"), s3.name("plain"))
    assert readers(s3, "kept") == readers(s3, "open") != []
    assert readers(s3, "plain") == []
    s3open.cp(s3.name("open"), s3.name("given"), acl="public-read")
    assert readers(s3, "given") == readers(s3, "open")


def readers(s3: S3Store, key: str) -> list[Any]:
    """Return which groups may read an object."""
    answer = s3.client.get_object_acl(Bucket=s3.bucket, Key=key)
    return [
        grant["Grantee"]["URI"]
        for grant in answer["Grants"]
        if "URI" in grant["Grantee"] and grant["Permission"] == "READ"
    ]
