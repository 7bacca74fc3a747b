"""What is reported of many files."""

from __future__ import annotations

import errno
import pickle
from typing import TYPE_CHECKING

import pytest

from s3open.errors import S3FileNotFoundError, TreeError
from s3open.trees.events import Event
from s3open.trees.failures import forget_frames, portable
from s3open.trees.report import KEPT, Report
from tests.unit.workers import Unsendable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.trees.events import Action


def failure(name: str, error: BaseException | None = None) -> Event:
    return Event("fail", name, size=2, error=error or OSError(errno.EIO, "broken"))


def test_files_and_bytes_are_counted_by_what_was_done() -> None:
    report = Report()
    actions: list[Action] = ["copy", "move", "remove", "skip", "fail"]
    for times, action in enumerate(actions, 1):
        for _ in range(times):
            report.add(Event(action, "a", "b", size=10))
    report.add(Event("remove", "a"))
    assert (report.copied, report.copied_bytes) == (1, 10)
    assert (report.moved, report.moved_bytes) == (2, 20)
    assert (report.removed, report.removed_bytes) == (4, 30)
    assert (report.skipped, report.skipped_bytes) == (4, 40)
    assert (report.failures, report.failed_bytes) == (5, 50)


def test_few_errors_are_kept_and_all_are_counted() -> None:
    report = Report()
    for number in range(10 * KEPT):
        report.add(failure(str(number)))
    assert report.failures == 10 * KEPT
    assert [name for name, _ in report.failed] == [str(n) for n in range(KEPT)]


def test_reports_add_up() -> None:
    one, other = Report(), Report()
    for number in range(KEPT - 1):
        one.add(failure(str(number)))
    for name in ("x", "y"):
        other.add(failure(name))
    other.add(Event("copy", "z", "t", 7))
    one.merge(other)
    assert one.failures == KEPT + 1
    assert len(one.failed) == KEPT
    assert one.failed[-1][0] == "x"
    assert (one.copied, one.copied_bytes) == (1, 7)


def test_nothing_is_raised_where_nothing_failed() -> None:
    report = Report()
    report.add(Event("copy", "a", "b"))
    report.raise_for_failures()


def test_what_is_raised_names_the_first_few_and_the_count() -> None:
    report = Report()
    for number in range(1205):
        report.add(failure(f"s3://b/{number}", S3FileNotFoundError.at(f"{number}")))
    with pytest.raises(TreeError) as caught:
        report.raise_for_failures()
    error = caught.value
    assert isinstance(error, OSError)
    assert error.errno == errno.ENOENT
    assert error.strerror == (
        "1,205 files failed (s3://b/0: No such file or directory; "
        "s3://b/1: No such file or directory; s3://b/2: No such file or directory; "
        "and 1,202 more)"
    )
    assert error.count == 1205
    assert error.failed == tuple(report.failed)
    assert error.failed[0][1] is error.__cause__


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.EIO, "broken"), "1 file failed (a: broken)"),
        (ValueError("wrong"), "1 file failed (a: wrong)"),
        (KeyError(), "1 file failed (a: KeyError)"),
        (None, "1 file failed (a: it failed: a)"),
    ],
)
def test_one_failure_is_told_in_one_line(
    error: BaseException | None, message: str
) -> None:
    report = Report()
    report.add(Event("fail", "a", error=error))
    with pytest.raises(TreeError) as caught:
        report.raise_for_failures()
    assert caught.value.errno == errno.EIO
    assert caught.value.strerror == message


def test_different_errors_have_no_errno_in_common() -> None:
    report = Report()
    report.add(failure("a", FileNotFoundError(errno.ENOENT, "gone")))
    report.add(failure("b", PermissionError(errno.EACCES, "no")))
    with pytest.raises(TreeError, match="a: gone; b: no") as caught:
        report.raise_for_failures()
    assert caught.value.errno == errno.EIO


def test_a_report_can_be_pickled_whatever_the_errors_are() -> None:
    report = Report()
    kept = S3FileNotFoundError.at("s3://b/k")
    kept.code = "NoSuchKey"
    report.add(failure("a", kept))
    report.add(failure("b", Unsendable("b", "broken")))
    report.add(failure("c", LocalError("why")))
    copy = pickle.loads(pickle.dumps(report))
    assert copy.failures == 3
    (_, first), (_, second), (_, third) = copy.failed
    assert isinstance(first, S3FileNotFoundError)
    assert first.code == "NoSuchKey"
    assert (type(second), second.errno, second.strerror) == (OSError, 5, "broken")
    assert str(third) == "LocalError: why"
    with pytest.raises(TreeError) as caught:
        copy.raise_for_failures()
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.count, str(again)) == (3, str(caught.value))


class LocalError(Exception):
    """Says that it can be pickled, and is something else then."""

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, ("nothing like it",)


def test_an_error_that_can_be_pickled_is_itself() -> None:
    error = OSError(errno.EIO, "broken", "name")
    assert portable(error) is error


def test_errors_hold_no_buffers_but_still_tell_where_they_were_raised() -> None:
    class Buffer:
        alive = 0

        def __init__(self) -> None:
            Buffer.alive += 1

        def __del__(self) -> None:
            Buffer.alive -= 1

    def inner() -> None:
        buffer = Buffer()
        raise KeyError(repr(buffer))

    def outer() -> None:
        buffer = Buffer()
        try:
            inner()
        except KeyError as error:
            raise OSError(errno.EIO, repr(buffer)) from error

    with pytest.raises(OSError, match="Buffer") as caught:
        outer()
    assert Buffer.alive == 2
    forget_frames(caught.value)
    assert Buffer.alive == 0
    names = [entry.name for entry in caught.traceback]
    assert names[-1] == "outer"


def test_an_error_that_is_counted_ends_no_generator() -> None:
    def attempts() -> Iterator[BaseException | int]:
        for number in range(3):
            try:
                yield number // (number - 1)
            except ZeroDivisionError as error:
                yield error

    found = []
    report = Report()
    for each in attempts():
        found.append(each)
        if isinstance(each, BaseException):
            report.add(Event("fail", "name", error=each))
    assert len(found) == 3
    assert report.failures == 1
