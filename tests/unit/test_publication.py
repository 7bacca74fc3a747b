"""What was written is published once, or kept on this machine."""

import contextlib
import errno
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import s3open
from s3open import Config, PublishError, UnpublishedWarning, errors
from s3open.contract import ALWAYS, IF_ABSENT, Attributes, Condition, Part
from s3open.spool import Spool
from s3open.writing import Publication, recovery, upload
from tests.fakes import MIB, FakeStore, FakeWriter, answered, cut_off, failing, pattern
from tests.unit.writers import LAYERS, kept, opened, put

URI = "s3://b/k"
SECRET = "wJalrXUtnFEMI"
CONTENT = pattern(3000)


@contextlib.contextmanager
def publication(
    content: bytes,
    writer: FakeWriter,
    *,
    attributes: Attributes = Attributes("text/plain", {"a": "1"}),  # noqa: B008  # frozen
    condition: Condition = ALWAYS,
) -> Iterator[Publication]:
    with contextlib.closing(Spool(memory=2 * MIB)) as spool:
        spool.write_at(0, memoryview(content))
        yield Publication(
            URI,
            spool,
            lambda: upload(spool, writer, 1000),
            about=lambda: {
                "if_absent": condition.absent,
                "content_type": attributes.content_type,
                "metadata": attributes.metadata,
            },
        )


def kept_files(state: Path) -> list[Path]:
    folder = state / "s3open" / "recovery"
    return sorted(folder.iterdir()) if folder.exists() else []


def test_what_was_written_is_published(state: Path) -> None:
    writer = FakeWriter()
    with publication(CONTENT, writer) as ours:
        ours.publish()
    assert writer.published == CONTENT
    assert kept_files(state) == []


FAILURES: list[tuple[str, Exception, type[BaseException]]] = [
    ("put_part", answered("AccessDenied", 403), PermissionError),
    ("begin", answered("NoSuchBucket", 404), FileNotFoundError),
    ("complete", errors.S3FileExistsError.at(URI), FileExistsError),
    ("complete", answered("SlowDown", 503), TimeoutError),
    ("put_part", cut_off(), ConnectionError),
    ("put_part", answered("EntityTooLarge", 400), ValueError),
    ("put_part", MemoryError("none"), OSError),
    ("complete", ValueError("strange"), OSError),
]


@pytest.mark.parametrize(("call", "cause", "builtin"), FAILURES)
def test_a_failure_keeps_what_was_written_and_names_the_file(
    state: Path, call: str, cause: Exception, builtin: type[BaseException]
) -> None:
    writer = FakeWriter({(call, 1): cause})
    with publication(CONTENT, writer, condition=IF_ABSENT) as ours:
        with pytest.raises(PublishError) as caught:
            ours.publish()
        error = caught.value
    assert isinstance(error, builtin)
    assert error.__cause__ is cause
    assert error.filename == URI
    assert writer.published is None
    assert error.recovery is not None
    assert error.recovery in str(error)
    data = Path(error.recovery)
    assert data.read_bytes() == CONTENT
    assert kept_files(state) == [data, data.with_suffix(".json")]
    description = json.loads(data.with_suffix(".json").read_text())
    assert description.pop("time").endswith("Z")
    assert description == {
        "uri": URI,
        "reason": str(cause),
        "ambiguous": cause.ambiguous if isinstance(cause, errors.S3Error) else False,
        "upload": None,
        "if_absent": True,
        "content_type": "text/plain",
        "metadata": {"a": "1"},
        "size": len(CONTENT),
        "written": [[0, len(CONTENT)]],
    }


def test_an_empty_file_leaves_nothing_to_keep(state: Path) -> None:
    writer = FakeWriter({("put", 1): answered("AccessDenied", 403)})
    with publication(b"", writer) as ours, pytest.raises(PublishError) as caught:
        ours.publish()
    assert caught.value.recovery is None
    assert "kept" not in str(caught.value)
    assert kept_files(state) == []


@pytest.fixture
def no_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have no folder for recovery files."""
    obstacle = tmp_path / "obstacle"
    obstacle.touch()
    monkeypatch.setenv("XDG_STATE_HOME", os.fspath(obstacle))


@pytest.mark.usefixtures("no_state")
def test_where_nothing_can_be_kept_the_failure_is_raised_all_the_same() -> None:
    cause = answered("AccessDenied", 403)
    writer = FakeWriter({("begin", 1): cause})
    with publication(CONTENT, writer) as ours, pytest.raises(PublishError) as caught:
        ours.publish()
    assert isinstance(caught.value, PermissionError)
    assert caught.value.recovery is None
    assert "is kept" not in str(caught.value)
    assert caught.value.__cause__ is cause


def test_metadata_that_json_cannot_hold_does_not_lose_what_was_written(
    state: Path,
) -> None:
    attributes = Attributes(metadata={"n": 1, "b": b"x"})  # type: ignore[dict-item]  # a user's mistake
    cause = errors.S3InvalidArgumentError.at(URI, "metadata has to be text")
    writer = FakeWriter({("begin", 1): cause})
    with (
        publication(CONTENT, writer, attributes=attributes) as ours,
        pytest.raises(PublishError) as caught,
    ):
        ours.publish()
    assert caught.value.recovery is not None
    assert Path(caught.value.recovery).read_bytes() == CONTENT


def test_what_an_interrupt_kept_from_being_published_is_kept(state: Path) -> None:
    writer = FakeWriter({("put_part", 2): KeyboardInterrupt()})
    with (
        publication(CONTENT, writer) as ours,
        pytest.warns(UnpublishedWarning, match="interrupted"),
        pytest.raises(KeyboardInterrupt),
    ):
        ours.publish()
    assert writer.calls[-1] == "abort"
    assert writer.published is None
    assert kept_files(state)[0].read_bytes() == CONTENT


@pytest.mark.filterwarnings("ignore::s3open.UnpublishedWarning")
@pytest.mark.parametrize("layer", LAYERS)
def test_an_interrupt_while_it_is_being_kept_has_it_kept_once(
    store: FakeStore, state: Path, monkeypatch: pytest.MonkeyPatch, layer: str
) -> None:
    real = recovery.describe
    calls: list[Path] = []

    def interrupted(data: Path, text: str) -> None:
        calls.append(data)
        if len(calls) == 1:
            raise KeyboardInterrupt
        real(data, text)

    monkeypatch.setattr(recovery, "describe", interrupted)
    store.denied.add("put_object")
    file = opened(layer)
    put(file, CONTENT)
    with pytest.raises(KeyboardInterrupt):
        file.close()
    assert kept(state) == [CONTENT]
    assert len(kept_files(state)) == 2
    assert calls[0] == calls[1]


def test_an_interrupt_behind_the_publication_does_not_claim_that_there_was_none(
    state: Path,
) -> None:
    class Interrupted(FakeWriter):
        def complete(self, upload: str, parts: Sequence[Part]) -> None:
            super().complete(upload, parts)
            raise KeyboardInterrupt

    writer = Interrupted()
    with (
        publication(CONTENT, writer) as ours,
        pytest.warns(UnpublishedWarning) as warned,
        pytest.raises(KeyboardInterrupt),
    ):
        ours.publish()
    assert writer.published == CONTENT
    assert "was not published" not in str(warned[0].message)


def test_what_is_abandoned_is_kept_and_told(state: Path) -> None:
    writer = FakeWriter()
    with (
        publication(CONTENT, writer) as ours,
        pytest.warns(UnpublishedWarning) as warned,
    ):
        ours.abandon("it was never closed")
    (data, description) = kept_files(state)
    assert data.read_bytes() == CONTENT
    assert json.loads(description.read_text())["reason"] == "it was never closed"
    message = str(warned[0].message)
    assert URI in message
    assert os.fspath(data) in message
    assert "it was never closed" in message
    assert warned[0].filename == __file__
    assert writer.calls == []


def test_what_is_abandoned_empty_says_so(state: Path) -> None:
    with (
        publication(b"", FakeWriter()) as ours,
        pytest.warns(UnpublishedWarning, match="empty"),
    ):
        ours.abandon("it was never closed")
    assert kept_files(state) == []


@pytest.mark.usefixtures("no_state")
def test_what_is_abandoned_and_cannot_be_kept_is_told_to_be_lost() -> None:
    with (
        publication(CONTENT, FakeWriter()) as ours,
        pytest.warns(UnpublishedWarning, match="lost"),
    ):
        ours.abandon("it was never closed")


# From here on through `open`.


@pytest.mark.parametrize("mode", ["w", "x", "w+"])
def test_an_error_of_close_names_the_uri_and_the_file(
    store: FakeStore, state: Path, mode: str
) -> None:
    store.add("old", b"old")
    store.denied.add("put_object")
    file = s3open.open("s3://b/k", mode, metadata={"owner": "me"})
    file.write("what was written")
    with pytest.raises(PermissionError) as caught:
        file.close()
    assert isinstance(caught.value, PublishError)
    assert file.closed
    assert caught.value.filename == "s3://b/k"
    assert caught.value.errno == errno.EACCES
    data, description = kept_files(state)
    assert data.read_bytes() == b"what was written"
    assert json.loads(description.read_text())["metadata"] == {"owner": "me"}
    condition = json.loads(description.read_text())["condition"]
    assert condition == ("absent" if mode == "x" else "always")
    assert "k" not in store.objects
    file.close()


def test_an_error_of_close_is_raised_by_the_with_block(store: FakeStore) -> None:
    store.plan("put_object", 1, failing("NoSuchBucket", 404))
    with pytest.raises(FileNotFoundError) as caught, s3open.open("s3://b/k", "w") as f:
        f.write("x")
    assert isinstance(caught.value, PublishError)


def test_no_secret_is_kept(store: FakeStore, state: Path) -> None:
    config = Config(
        access_key="AKIAEXAMPLE", secret_key=SECRET, session_token=SECRET + "T"
    )
    store.denied.add("put_object")
    file = s3open.open("s3://b/k", "w", config=config)
    file.write("x")
    with pytest.raises(PublishError) as caught:
        file.close()
    shown = str(caught.value) + "".join(path.read_text() for path in kept_files(state))
    assert SECRET not in shown
    assert "AKIA" not in shown


def test_a_second_writer_s_object_is_not_overwritten(
    store: FakeStore, state: Path
) -> None:
    file = s3open.open("s3://b/k", "x")
    file.write("ours")
    store.add("k", b"theirs")
    with pytest.raises(FileExistsError) as caught:
        file.close()
    assert isinstance(caught.value, PublishError)
    assert store.objects["k"].body == b"theirs"
    assert kept_files(state)[0].read_bytes() == b"ours"


def test_an_answer_that_is_lost_at_every_try_does_not_lose_the_bytes(
    store: FakeStore, state: Path
) -> None:
    for number in range(1, 20):
        store.plan("put_object", number, failing("InternalError", 500))
    file = s3open.open("s3://b/k", "w")
    file.write("ours")
    with pytest.raises(PublishError):
        file.close()
    assert kept_files(state)[0].read_bytes() == b"ours"
