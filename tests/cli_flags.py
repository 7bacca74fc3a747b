"""What tests of flags share: which are shown, and what a command line prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

BUCKET = "s3open-test"
HERE = f"s3://{BUCKET}"

SHOWN: set[str] = set()


def shows(*flags: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Say which flags a test shows."""
    SHOWN.update(flags)
    return lambda test: test


class Said:
    """Runs command lines; `out` are the lines that the last one has printed."""

    def __init__(self, captured: pytest.CaptureFixture[bytes]) -> None:
        self._captured = captured
        self.out: list[str] = []
        self.err = ""

    def __call__(self, line: str, code: int = 0) -> list[str]:
        self._captured.readouterr()
        assert main(line.replace("B/", f"{HERE}/").split()) == code
        out, err = self._captured.readouterr()
        self.out, self.err = out.decode().splitlines(), err.decode()
        if code == 0:
            assert self.err == ""
        return self.out
