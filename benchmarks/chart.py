"""The results as bars, in SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from benchmarks.peers import REFERENCES, is_ours
from benchmarks.report import time_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.measuring import Result

_COLUMNS = 3
_WIDTH = 330
_BAR = 15
_LABEL = 82
_VALUE = 60
_HEAD = 26
_GAP = 18
_STYLE = """
svg { background: #fff; font: 11px sans-serif; fill: #333 }
.title { font-weight: bold } .ours { fill: #0a7d5a } .peer { fill: #b9c2cc }
"""


def chart(results: Sequence[Result]) -> str:
    """Return a drawing with a panel for each workload and profile.

    Of the ways that one package has, the fastest is drawn. The bars of a panel begin
    at 0; shorter is better.
    """
    groups: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        if result.runs and result.peer not in REFERENCES:
            groups.setdefault((result.work.name, result.profile), []).append(result)
    titles = [f"{name} ({profile})" for name, profile in groups]
    panels = list(zip(titles, map(_fastest, groups.values()), strict=True))
    body = []
    top = _GAP
    for start in range(0, len(panels), _COLUMNS):
        row = panels[start : start + _COLUMNS]
        for column, (title, bars) in enumerate(row):
            left = _GAP + column * (_WIDTH + _GAP)
            body.append(f'<g transform="translate({left} {top})">')
            body += _panel(title, bars)
            body.append("</g>")
        top += _HEAD + _BAR * max(len(bars) for _, bars in row) + _GAP
    width = _GAP + _COLUMNS * (_WIDTH + _GAP)
    size = f'width="{width}" height="{top}" viewBox="0 0 {width} {top}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    return "\n".join([head, f"<style>{_STYLE}</style>", *body, "</svg>\n"])


def _fastest(group: Sequence[Result]) -> list[Result]:
    """Return the fastest of each package, the fastest first."""
    best: dict[str, Result] = {}
    for result in sorted(group, key=lambda result: result.wall):
        best.setdefault(result.peer.partition(" ")[0], result)
    return list(best.values())


def _panel(title: str, bars: Sequence[Result]) -> Iterator[str]:
    yield f'<text class="title" y="12">{escape(title)}</text>'
    room = _WIDTH - _LABEL - _VALUE
    slowest = bars[-1].wall
    for number, result in enumerate(bars):
        top = _HEAD + number * _BAR
        length = max(1.0, room * result.wall / slowest)
        kind = "ours" if is_ours(result.peer) else "peer"
        name = result.peer.partition(" ")[0]
        base = top + _BAR - 5
        yield f'<text x="{_LABEL - 6}" y="{base}" text-anchor="end">{name}</text>'
        yield (
            f'<rect class="{kind}" x="{_LABEL}" y="{top}" '
            f'width="{length:.1f}" height="{_BAR - 3}"/>'
        )
        end = _LABEL + length + 5
        yield f'<text x="{end:.1f}" y="{base}">{time_text(result.wall)}</text>'
