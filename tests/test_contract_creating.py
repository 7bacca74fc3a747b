"""Mode x: never over something that is there, whenever it came."""

from __future__ import annotations

import errno
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import s3open
from s3open import Config, PublishError
from tests.stores import MIB, builtin_any

if TYPE_CHECKING:
    from tests.stores import LocalStore, S3Store, Store

CONFIG = Config(part_size=5 * MIB, memory=2 * MIB)
CREATING = ["x", "xt", "xb", "x+", "x+b"]
# Less than a part, nothing, and several parts.
CONTENTS = [b"mine", b"", bytes(5 * MIB + 1)]
IDS = ["small", "empty", "multipart"]


def write(file: object, content: bytes) -> None:
    if isinstance(file, io.TextIOBase):
        file.write(content.decode("ascii"))
    else:
        file.write(content)  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", CREATING)
@pytest.mark.parametrize("old", [b"old", b""])
def test_x_refuses_a_file_that_is_there_at_once(
    store: Store, twin: LocalStore, mode: str, old: bytes
) -> None:
    name = store.put("file", old)
    with pytest.raises(FileExistsError) as wanted:
        builtin_any(twin.put("file", old), mode)
    with pytest.raises(FileExistsError) as got:
        s3open.open(name, mode)
    assert got.value.errno == wanted.value.errno == errno.EEXIST
    assert got.value.filename == name
    expected = str(wanted.value).replace(twin.name("file"), name)
    assert str(got.value) == expected
    assert store.read("file") == old


@pytest.mark.parametrize("content", CONTENTS, ids=IDS)
def test_x_creates_what_is_not_there(store: Store, content: bytes) -> None:
    with s3open.open(store.name("file"), "xb", config=CONFIG) as file:
        file.write(content)
    assert store.read("file") == content
    with pytest.raises(FileExistsError):
        s3open.open(store.name("file"), "xb")


def race(s3: S3Store, mode: str, mine: bytes, theirs: bytes) -> PublishError:
    """Let somebody else create the file while ours is open; return what we hear."""
    file = s3open.open(s3.name("file"), mode, config=CONFIG)
    write(file, mine)
    s3.put("file", theirs)
    with pytest.raises(FileExistsError) as caught:
        file.close()
    assert file.closed
    assert isinstance(caught.value, PublishError)
    return caught.value


@pytest.mark.parametrize("mode", CREATING)
@pytest.mark.parametrize("theirs", [b"theirs", b"", b"mine"])
def test_who_creates_it_meanwhile_wins(s3: S3Store, mode: str, theirs: bytes) -> None:
    error = race(s3, mode, b"mine", theirs)
    assert error.errno == errno.EEXIST
    assert error.filename == s3.name("file")
    assert s3.read("file") == theirs


@pytest.mark.parametrize("theirs", [b"theirs", b""])
def test_who_creates_it_meanwhile_wins_over_an_empty_file(
    s3: S3Store, theirs: bytes
) -> None:
    error = race(s3, "xb", b"", theirs)
    assert error.recovery is None
    assert s3.read("file") == theirs


def test_who_creates_it_meanwhile_wins_over_many_parts(s3: S3Store) -> None:
    if not s3.heeds_conditions_on_parts():
        pytest.skip("this store ignores If-None-Match when parts are completed")
    race(s3, "xb", bytes(5 * MIB + 1), b"theirs")
    assert s3.read("file") == b"theirs"
    assert s3.pending_uploads() == []


def test_what_lost_the_race_is_kept_on_this_machine(s3: S3Store) -> None:
    error = race(s3, "xb", b"mine", b"theirs")
    assert error.recovery is not None
    assert Path(error.recovery).read_bytes() == b"mine"
    assert error.recovery in str(error)


def test_a_with_block_that_loses_the_race_says_so(s3: S3Store) -> None:
    file = s3open.open(s3.name("file"), "x")
    with pytest.raises(FileExistsError), file:
        s3.put("file", b"theirs")
    assert file.closed
    assert s3.read("file") == b"theirs"


def test_losing_the_race_is_told_once(s3: S3Store) -> None:
    file = s3open.open(s3.name("file"), "xb")
    s3.put("file", b"theirs")
    with pytest.raises(FileExistsError):
        file.close()
    file.close()
    assert s3.read("file") == b"theirs"


def test_of_two_that_create_at_once_one_succeeds(s3: S3Store) -> None:
    one = s3open.open(s3.name("file"), "xb")
    two = s3open.open(s3.name("file"), "xb")
    one.write(b"the same")
    two.write(b"the same")
    two.close()
    with pytest.raises(FileExistsError):
        one.close()
    assert s3.read("file") == b"the same"


def test_x_works_again_once_the_file_is_gone(s3: S3Store) -> None:
    name = s3.put("file", b"old")
    s3.delete("file")
    with s3open.open(name, "xb") as file:
        file.write(b"new")
    assert s3.read("file") == b"new"


def test_the_traces_of_a_creation_stay_out_of_sight(s3: S3Store) -> None:
    with s3open.open(s3.name("file"), "xb", metadata={"color": "red"}) as file:
        file.write(b"new")
    assert s3.head("file")["Metadata"]["color"] == "red"
    assert set(s3.head("file")["Metadata"]) <= {"color", "s3open-write"}


def test_x_in_a_missing_bucket_fails_before_anything_is_written(s3: S3Store) -> None:
    with pytest.raises(FileNotFoundError):
        # Without a bucket HEAD says 404, and so does the publication.
        s3open.open("s3://no-such-bucket-s3open/key", "x").close()
