"""The bar, where there is one."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
import threading
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from s3open.trees.progress import Bar, Meter, Silent, bar


class Terminal(io.StringIO):
    """A terminal, or a file that tells what was written to it."""

    def __init__(self, *, watched: bool = True) -> None:
        super().__init__()
        self._watched = watched

    def isatty(self) -> bool:
        return self._watched

    @property
    def last(self) -> str:
        """What stands on it."""
        return self.getvalue().rstrip("\n").rpartition("\r")[2]


def watched(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Have a terminal for stderr. (Not a fixture: pytest has its own until then.)"""
    made = Terminal()
    monkeypatch.setattr(sys, "stderr", made)
    return made


def test_it_tells_bytes_rate_time_and_files(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with bar(label="copy") as progress:
        assert isinstance(progress, Bar)
        progress.expect(3 << 20, 2)
        progress.add(1 << 20)
        progress.ended()
        progress._bar.refresh()
        assert "copy: 1.00MB" in terminal.last
        assert "1 files" in terminal.last
        assert "B/s" in terminal.last
        progress.all_expected()
        progress._bar.refresh()
        assert "33%" in terminal.last
        assert "1.00M/3.00M" in terminal.last
        assert "1/2 files" in terminal.last
        progress.add(2 << 20)
        progress.ended()
    assert "100%" in terminal.last
    assert "2/2 files" in terminal.last


def test_a_total_may_be_known_before_and_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with bar(True, total=100) as progress:
        progress.expect(100)
        progress.expect(None)
        progress.add(50)
    assert "50.0/200" in terminal.last
    assert "0/2 files" in terminal.last


def test_bytes_can_be_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    with bar(True, total=100) as progress:
        meter = progress.meter()
        meter.add(40)
        meter.add(20)
        meter.restart()
        meter.add(10)
        assert (meter.counted, meter.untold) == (10, 0)
    assert "10.0/100" in terminal.last


def add_often(progress: Bar) -> None:
    for _ in range(5000):
        progress.add(1)


def test_threads_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    watched(monkeypatch)
    with bar(True, total=1 << 30) as progress:
        assert isinstance(progress, Bar)
        threads = [
            threading.Thread(target=add_often, args=(progress,)) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert progress._bar.n == 20_000


def test_it_makes_no_thread_and_leaves_others_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watched(monkeypatch)
    import tqdm

    before = threading.active_count(), tqdm.tqdm.monitor_interval
    with bar(True):
        assert (threading.active_count(), tqdm.tqdm.monitor_interval) == before
    assert tqdm.tqdm.monitor_interval > 0


def test_others_write_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = watched(monkeypatch)
    monkeypatch.setattr(sys, "stdout", terminal)
    with bar(True, total=10) as progress:
        with progress.aside():
            print("a line")
        progress.add(10)
    lines = [line.rpartition("\r")[2] for line in terminal.getvalue().split("\n")]
    assert lines[0] == "a line"
    assert "100%" in lines[1]


@pytest.mark.parametrize("enabled", [False, None])
def test_there_is_none_where_nobody_watches(
    enabled: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    stderr = Terminal(watched=enabled is False)
    monkeypatch.setattr(sys, "stderr", stderr)
    with bar(enabled) as progress:
        progress.expect(10)
        progress.all_expected()
        progress.add(10)
        progress.ended()
        with progress.aside():
            pass
        progress.close()
    assert stderr.getvalue() == ""


def test_it_can_be_wanted_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = Terminal(watched=False)
    monkeypatch.setattr(sys, "stderr", stderr)
    with bar(True, total=1):
        pass
    assert "0.00/1.00" in stderr.getvalue()


@pytest.mark.parametrize("enabled", [True, None])
def test_a_program_without_stderr_has_none(
    enabled: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert isinstance(bar(enabled), Silent)


def test_a_closed_stderr_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = io.StringIO()
    stderr.close()
    monkeypatch.setattr(sys, "stderr", stderr)
    assert isinstance(bar(), Silent)


def test_one_that_is_there_is_used() -> None:
    mine = Silent()
    assert bar(mine) is mine


def test_nothing_is_imported_where_it_is_off() -> None:
    code = """
import sys
from s3open.trees.progress import bar
for enabled in (False, None):
    with bar(enabled) as progress:
        progress.add(1)
assert "tqdm" not in sys.modules
with bar(True) as progress:
    progress.add(1)
assert "tqdm" in sys.modules
assert "multiprocessing" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_another_process_counts_and_this_tells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watched(monkeypatch)
    with bar(True, total=100) as progress:
        assert isinstance(progress, Bar)
        there = pickle.loads(pickle.dumps(progress))
        meters = [there.meter(), pickle.loads(pickle.dumps(progress.meter()))]
        for meter in meters:
            meter.add(40)
            meter.restart()
            meter.add(30)
            back = pickle.loads(pickle.dumps(meter.untold))
            progress.add(back)
        assert progress._bar.n == 60


def test_a_forked_child_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    watched(monkeypatch)
    with bar(True, total=100) as progress:
        assert isinstance(progress, Bar)
        child = os.fork()
        if child == 0:
            progress.add(10)
            os._exit(progress._bar.n)
        status = os.waitpid(child, 0)[1]
        assert os.waitstatus_to_exitcode(status) == 0


def test_a_meter_of_its_own_counts() -> None:
    meter = Meter()
    meter.add(5)
    assert (meter.counted, meter.untold) == (5, 5)


class Notebook:
    """A notebook's bar, which has a widget that has to be told of the total."""

    def __init__(self, **options: Any) -> None:
        self.n = 0
        self.total: int | None = None
        shown = SimpleNamespace(max=1, bar_style="info")
        shown.layout = SimpleNamespace(width="20px")
        self.shown = shown
        self.container = SimpleNamespace(children=[None, shown, None])

    def set_postfix_str(self, *_: object, **__: object) -> None:
        pass

    def close(self) -> None:
        pass


def test_a_notebook_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    ipython = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=object()))
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: True)
    notebook = ModuleType("tqdm.notebook")
    notebook.tqdm = Notebook  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tqdm.notebook", notebook)
    with bar(total=100) as progress:
        assert isinstance(progress, Bar)
        shown = progress._bar.shown
        assert (shown.max, shown.bar_style, shown.layout.width) == (100, "", None)


def test_a_notebook_without_widgets_has_the_plain_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stderr = Terminal(watched=False)
    monkeypatch.setattr(sys, "stderr", stderr)
    ipython = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=object()))
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with bar(total=1):
        pass
    assert "0.00/1.00" in stderr.getvalue()


def test_a_shell_in_a_terminal_is_no_notebook(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal(watched=False))
    for shell in (None, SimpleNamespace()):
        ipython = SimpleNamespace(get_ipython=lambda shell=shell: shell)
        monkeypatch.setitem(sys.modules, "IPython", ipython)
        assert isinstance(bar(), Silent)
