"""Puts into the pages what is said elsewhere: the README, the tests, tables, figures.

A page has ``<!-- readme: A tour -->`` where that section of the README belongs, and
``<!-- codes -->``, ``<!-- charts -->``, ``<!-- tests -->``, ``<!-- pages -->``,
``<!-- changelog -->`` where those do. Each is made of its one source, by every build.
"""

from __future__ import annotations

import ast
import logging
import posixpath
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent.parent
SVG = "{http://www.w3.org/2000/svg}"
log = logging.getLogger("mkdocs.hooks.s3open")


def on_config(config: Any) -> Any:
    """Leave out of the menu what is not written."""
    docs = Path(config.docs_dir)
    config.nav = list(_present(config.nav, docs))
    return config


def _present(entries: list[Any], docs: Path) -> Iterator[Any]:
    for entry in entries:
        if isinstance(entry, str):
            if (docs / entry).exists():
                yield entry
            continue
        [(title, found)] = entry.items()
        if isinstance(found, list):
            below = list(_present(found, docs))
            if below:
                yield {title: below}
        elif (docs / found).exists():
            yield entry


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Replace the marks in the text of *page*."""
    here = page.file.src_uri

    def made(match: re.Match[str]) -> str:
        word, _, argument = match[1].partition(": ")
        return MAKERS[word](argument, here)

    return re.sub(rf"<!-- ((?:{'|'.join(MAKERS)})(?:: .*?)?) -->", made, markdown)


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """Warn of what a reader without network would lack."""
    for tag in re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", output):
        if re.search(r"""(?:src|href)=["']?(?:https?:)?//""", tag):
            log.warning("%s needs the network: %s", page.file.src_uri, tag)
    return output


def readme(title: str, here: str) -> str:
    """Return a section of the README, without its heading; or what is above all."""
    text = (ROOT / "README.md").read_text()
    if title == "top":
        found = text.partition("\n")[2].partition("\n## ")[0]
    else:
        _, heading, rest = text.partition(f"\n## {title}\n")
        if not heading:
            raise ValueError(f"the README has no section {title!r}")
        found = rest.partition("\n## ")[0]
    found = found.replace("![s3open beside its peers](benchmarks/chart.svg)", "")
    return relinked(found, here)


def relinked(text: str, here: str) -> str:
    """Return *text* of the repository's root with links for the page *here*."""

    def link(match: re.Match[str]) -> str:
        label, path, name = match[1], match[2], match[3]
        if path.startswith("tests/"):
            anchor = f"#{name}" if name else f"#{_slug(path)}"
            return f"[{label}]({_relative('tests.md', here)}{anchor})"
        if path == "CHANGELOG.md":
            return f"[{label}]({_relative('changelog.md', here)})"
        if path.startswith("docs/"):
            return f"[{label}]({_relative(path.removeprefix('docs/'), here)})"
        return match[0]

    return re.sub(r'\[((?:[^][]|\[[^]]*\])*)\]\(([^ )]+)(?: "(\w+)")?\)', link, text)


def _relative(target: str, here: str) -> str:
    return posixpath.relpath(target, posixpath.dirname(here) or ".")


def _slug(path: str) -> str:
    return re.sub(r"\W+", "-", path)


def tests(_: str, __: str) -> str:
    """Return the source of every test that the README leads to."""
    text = (ROOT / "README.md").read_text().partition("## What you can rely on")[2]
    links = re.findall(r'\]\((tests/[^ )]+)(?: "(\w+)")?\)', text)
    names: dict[str, list[str]] = {}
    for path, name in links:
        found = names.setdefault(path, [])
        if name and name not in found:
            found.append(name)
    return "\n".join(
        line for path, wanted in names.items() for line in _tested(path, wanted)
    )


def _tested(path: str, names: list[str]) -> Iterator[str]:
    source = (ROOT / path).read_text()
    tree = ast.parse(source)
    yield f"## {path} {{ #{_slug(path)} }}\n"
    yield f"{ast.get_docstring(tree) or ''}\n"
    if not names:
        yield f"```python\n{source}```\n"
    lines = source.splitlines()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in names:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            body = "\n".join(lines[first - 1 : node.end_lineno])
            sentence = node.name.removeprefix("test_").replace("_", " ")
            yield f"### {sentence[0].upper()}{sentence[1:]} {{ #{node.name} }}\n"
            yield f"```python\n{body}\n```\n"


def codes(_: str, __: str) -> str:
    """Return the table of S3's error codes."""
    from s3open import codes as known

    rows = []
    for name, code in sorted(known.CODES.items()):
        status = known.STATUS[code]
        meaning = known.meaning(code, status)
        kind = meaning.kind
        told = "" if name == code else f"<br>{_breaking(code)}"
        rows.append(
            f'| <span id="s3open.{name}">{_breaking(name)}</span>{told} | {status} '
            f"| [{_breaking(kind.__name__)}]({_kind(kind.__name__)}) "
            f"| {meaning.advice.replace('|', chr(92) + '|')} |"
        )
    return "\n".join(
        [
            "| class | HTTP | it is also | what to do |",
            "| - " * 4 + "|",
            *rows,
        ]
    )


def _breaking(name: str) -> str:
    """Return *name* as code that may go on in the next line between its words."""
    return f"<code>{re.sub(r'(?<=[a-z])(?=[A-Z])', '<wbr>', name)}</code>"


def _kind(name: str) -> str:
    home = "errors." if name.startswith("S3") and name != "S3Error" else ""
    return f"#s3open.{home}{name}"


def charts(_: str, __: str) -> str:
    """Return the benchmark's drawing as bars in the page's own width and colours."""
    drawing = ElementTree.parse(ROOT / "benchmarks" / "chart.svg").getroot()
    panels = [_panel(group) for group in drawing.iter(f"{SVG}g")]
    return f'<div class="charts">{"".join(panels)}</div>\n'


def _panel(group: Any) -> str:
    title, *texts = [each.text or "" for each in group.iter(f"{SVG}text")]
    bars = list(group.iter(f"{SVG}rect"))
    longest = max(float(bar.get("width")) for bar in bars)
    rows = []
    for name, value, bar in zip(texts[::2], texts[1::2], bars, strict=True):
        share = float(bar.get("width")) / longest * 100
        rows.append(
            f'<tr class="{bar.get("class")}"><th scope="row">{escape(name)}</th>'
            f'<td><span class="bar" style="width: {share:.1f}%"></span></td>'
            f"<td>{escape(value)}</td></tr>"
        )
    caption = f"<caption>{escape(title)}</caption>"
    return f'<table class="chart">{caption}<tbody>{"".join(rows)}</tbody></table>'


def pages(_: str, here: str) -> str:
    """Return a list of the pages beside *here*, each with its first sentence."""
    folder = posixpath.dirname(here)
    menu = (ROOT / "mkdocs.yml").read_text()
    rows = []
    for title, name in re.findall(rf"- (.+): {folder}/(.+\.md)", menu):
        path = ROOT / "docs" / folder / name
        if path.exists():
            first = re.search(
                r"^# [^\n]*\n+(.+?)[.:](?:\s|$)",
                path.read_text(),
                re.MULTILINE | re.DOTALL,
            )
            text = " ".join(first[1].split()) if first else ""
            text = re.sub(r"\[(.*?)\]\(.*?\)", r"\1", text)
            rows.append(f"- [{title}]({name}): {text}.")
    return "\n".join(rows)


def changelog(_: str, here: str) -> str:
    """Return the changelog, without its heading."""
    text = (ROOT / "CHANGELOG.md").read_text()
    return relinked(text.partition("\n")[2], here)


MAKERS: dict[str, Callable[[str, str], str]] = {
    "readme": readme,
    "tests": tests,
    "codes": codes,
    "charts": charts,
    "pages": pages,
    "changelog": changelog,
}
