"""Ends that publish because they were asked to: ``on_error`` and ``on_unclosed``."""

import gc
import gzip
import io
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

import s3open
from s3open.config import MIB
from tests.fakes import FakeStore, failing
from tests.stores import open_any
from tests.unit.writers import LAYERS, URI, kept, published, put, write_and_leave

_MODES = {"raw": "wb", "binary": "wb", "updating": "w+b", "text": "w"}


def opened(layer: str, **given: Any) -> Any:
    buffering = 0 if layer == "raw" else -1
    return open_any(URI, _MODES[layer], buffering, **given)


@pytest.fixture(params=LAYERS)
def layer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("error", [ZeroDivisionError(), SystemExit(), GeneratorExit()])
def test_an_exception_publishes_the_half_if_it_may(
    store: FakeStore, state: Path, layer: str, error: BaseException
) -> None:
    with pytest.raises(type(error)) as caught:
        write_and_leave(opened(layer, on_error="publish"), b"half", error)
    assert caught.value is error
    assert published(store) == b"half"
    assert kept(state) == []


def test_it_publishes_nothing_otherwise(store: FakeStore, layer: str) -> None:
    for given in ({}, {"on_error": "discard"}):
        with pytest.raises(ZeroDivisionError):
            write_and_leave(opened(layer, **given), b"half", ZeroDivisionError())
    assert published(store) is None


def test_the_half_is_published_through_wrappers_too(store: FakeStore) -> None:
    with pytest.raises(ZeroDivisionError):
        with s3open.open(URI, "wb", on_error="publish") as file:
            with gzip.open(file, "wb") as packed:
                packed.write(b"half")
                raise ZeroDivisionError
    assert gzip.decompress(published(store) or b"") == b"half"
    with pytest.raises(ZeroDivisionError):
        with io.TextIOWrapper(s3open.open(URI, "wb", on_error="publish")) as text:
            text.write("wrapped")
            raise ZeroDivisionError
    assert published(store) == b"wrapped"


def test_an_append_leaves_the_half_behind_what_was_there(store: FakeStore) -> None:
    store.add("k", b"old ")
    with (
        pytest.raises(ZeroDivisionError),
        s3open.open(URI, "a", on_error="publish") as file,
    ):
        file.write("half")
        raise ZeroDivisionError
    assert published(store) == b"old half"


def test_what_was_discarded_or_failed_is_not_published_all_the_same(
    store: FakeStore, state: Path
) -> None:
    with pytest.raises(ZeroDivisionError):
        with s3open.open(URI, "w", on_error="publish") as file:
            file.write("half")
            s3open.discard(file)
            raise ZeroDivisionError
    assert published(store) is None
    store.plan("put_object", 1, failing("AccessDenied", 403))
    with pytest.raises(s3open.PublishError):
        write_and_leave(opened("text", on_error="publish"), b"half", KeyError())
    assert kept(state) == [b"half"]


@pytest.mark.parametrize("on_error", ["publish", "discard"])
def test_a_local_copy_is_published_half_if_it_may(
    store: FakeStore, on_error: str
) -> None:
    with pytest.raises(ZeroDivisionError):
        with s3open.local(URI, "w", on_error=on_error) as path:
            Path(path).write_text("half")
            raise ZeroDivisionError
    assert published(store) == (b"half" if on_error == "publish" else None)


@pytest.mark.parametrize("size", [3, 9 * MIB])
def test_a_writer_that_is_dropped_is_published_if_it_may(
    store: FakeStore, state: Path, layer: str, size: int
) -> None:
    file = opened(layer, on_unclosed="publish")
    put(file, b"x" * size)
    with pytest.warns(ResourceWarning, match="unclosed file"):  # noqa: PT031  # it is freed by both
        del file
        gc.collect()
    assert published(store) == b"x" * size
    assert kept(state) == []


def test_a_writer_that_is_dropped_while_an_exception_is_handled_is_published(
    store: FakeStore,
) -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        file = s3open.open(URI, "w", on_unclosed="publish")
        file.write("whole")
        with pytest.warns(ResourceWarning):  # noqa: PT031  # it is freed by both
            del file
            gc.collect()
    assert published(store) == b"whole"


def test_what_cannot_be_published_then_is_kept(
    store: FakeStore, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    store.plan("put_object", 1, failing("AccessDenied", 403))
    file = s3open.open(URI, "wb", on_unclosed="publish")
    file.write(b"whole")
    with pytest.warns(ResourceWarning):  # noqa: PT031  # it is freed by both
        del file
        gc.collect()
    assert kept(state) == [b"whole"]
    assert [type(each.exc_value).__name__ for each in told] == ["PublishError"]


PROGRAM = """
import sys
from s3open.stores import reads, s3
from tests.fakes import FakeStore, failing

store = FakeStore()
s3.verbs_for = reads.verbs_for = lambda *_: store
import atexit
def tell():
    print({key: len(stored.body) for key, stored in store.objects.items()})
atexit.register(tell)
import s3open
"""


def run(code: str, state: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "dev", "-c", PROGRAM + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "XDG_STATE_HOME": os.fspath(state),
        },
        cwd=Path(__file__).parents[2],
    )


@pytest.mark.parametrize("size", [5, 20 << 20])
def test_what_is_open_at_the_end_of_the_program_is_published_if_it_may(
    state: Path, size: int
) -> None:
    done = run(
        f"""
        file = s3open.open("s3://b/k", "w", on_unclosed="publish")
        file.write("x" * {size})
        other = s3open.open("s3://b/other", "w")
        other.write("kept")
        """,
        state,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{{'k': {size}}}\n"
    assert kept(state) == [b"kept"]
    assert "Traceback" not in done.stderr


def test_what_cannot_be_published_at_the_end_is_told_and_kept(state: Path) -> None:
    done = run(
        """
        store.plan("put_object", 1, failing("AccessDenied", 403))
        file = s3open.open("s3://b/k", "w", on_unclosed="publish")
        file.write("whole")
        """,
        state,
    )
    assert done.stdout == "{}\n"
    assert "PublishError" in done.stderr
    assert kept(state) == [b"whole"]
