"""A real kernel runs a notebook's cells: there the bar is one of widgets.

Jupyter weighs too much to be installed for this alone: these run where it is. What is
made of a faked one is in `tests.unit.test_progress`, everywhere.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from s3open.testing import S3Server

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")
pytest.importorskip("ipywidgets")

# What others warn of is not what is tested.
pytestmark = pytest.mark.filterwarnings("ignore")
WIDGET = "application/vnd.jupyter.widget-view+json"
SIZE = 300_000


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    # The kernel of this Python, whatever others are installed.
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, os.fspath(tmp_path / name))

    def run(*cells: str) -> Any:
        made = [nbformat.v4.new_code_cell(each) for each in cells]
        notebook = nbformat.v4.new_notebook(cells=made)
        nbclient.NotebookClient(notebook, timeout=120).execute(cwd=tmp_path)
        return notebook

    return run


def widgets(notebook: Any) -> list[dict[str, Any]]:
    kept = notebook.metadata.get("widgets", {})
    return [
        each["state"] for found in kept.values() for each in found["state"].values()
    ]


def test_trees_have_a_bar_of_widgets(
    s3open_server: S3Server, s3open_bucket: str, run: Any
) -> None:
    for number in range(3):
        s3open_server.put(s3open_bucket, f"in/{number}", bytes(SIZE))
    notebook = run(
        "import sys, s3open\nassert 'tqdm' not in sys.modules",
        f"s3open.cp('s3://{s3open_bucket}/in/', 'here', recursive=True)",
        f"s3open.cp('s3://{s3open_bucket}/in/', 'two', recursive=True, progress=False)",
        f"await __import__('asyncio').to_thread(s3open.cp, 'here', "
        f"'s3://{s3open_bucket}/out/', recursive=True, progress=True)",
    )
    shown = [
        sum(WIDGET in each.get("data", {}) for each in cell.outputs)
        for cell in notebook.cells
    ]
    assert shown == [0, 1, 0, 1]
    told = [each for cell in notebook.cells for each in cell.outputs]
    assert not any(each.get("name") == "stderr" for each in told), told
    bars = [each for each in widgets(notebook) if "bar_style" in each]
    assert [(bar["value"], bar["max"]) for bar in bars] == [(3 * SIZE, 3 * SIZE)] * 2
    assert {bar["bar_style"] for bar in bars} == {"success"}
    texts = " ".join(
        each.get("value", "")
        for each in widgets(notebook)
        if "bar_style" not in each and "value" in each
    )
    assert "3/3 files" in texts.replace("\u2007", " ")
    assert s3open_server.keys(s3open_bucket)[-1] == "out/2"
