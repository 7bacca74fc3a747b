"""The public names as they are called: functions, not attributes that hold methods.

``s3open.exists`` is a method of a `FileSystem` that is bound to the default one, and
``s3open.open`` has a type that tells files by mode. A reader wants the function, its
signature and its docstring. What is named in docstrings becomes a link.
"""

from __future__ import annotations

import re
from copy import copy
from typing import Any

import griffe

_TITLED = re.compile(r"^(Options for [^:]*):\n((?: {4}.*\n|\n)+)", re.MULTILINE)


class Names(griffe.Extension):
    """Has what s3open gives at its top be documented as what it is."""

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Put functions where attributes are, and links into docstrings."""
        if pkg.name != "s3open":
            return
        functions, opening = pkg["functions"], pkg["opening"]
        methods = pkg["service"]["FileSystem"].all_members
        for name, member in list(functions.members.items()):
            if member.is_alias or not member.is_attribute:
                continue
            if str(member.value) == f"_default.{name}":
                functions.set_member(name, _function(name, methods[name], functions))
        opening.set_member("open", _function("open", opening["_open"], opening))
        # These make errors; nobody has to who catches them.
        for kind in pkg["errors"].classes.values():
            for name in ("at", "between"):
                kind.members.pop(name, None)
        public = {str(name).strip("'\"") for name in pkg.exports or ()}
        _link(pkg, public, set())


def _function(name: str, found: Any, parent: griffe.Module) -> griffe.Function:
    method = found.final_target if found.is_alias else found
    made: griffe.Function = copy(method)
    made.name = name
    made.parent = parent
    made.parameters = griffe.Parameters(
        *(each for each in method.parameters if each.name != "self")
    )
    made.overloads = [_function(name, each, parent) for each in method.overloads or ()]
    return made


def _link(found: Any, public: set[str], seen: set[int]) -> None:
    if found.is_alias or id(found) in seen:
        return
    seen.add(id(found))
    if found.docstring:
        found.docstring.value = _options(_linked(found.docstring.value, public))
    for member in found.members.values():
        _link(member, public, seen)


def _linked(text: str, public: set[str]) -> str:
    def link(match: re.Match[str]) -> str:
        name = match[1].removeprefix("s3open.")
        return f"[`{match[1]}`][s3open.{name}]" if name in public else match[0]

    text = re.sub(r"(?<![<`])(https://[^\s)]+[^\s).,])", r"<\1>", text)
    return re.sub(r"(?<![`\[])`([\w.]+)`(?!`)", link, text)


def _options(text: str) -> str:
    """Return *text* with its lists of options as lists, for they have no types."""

    def listed(match: re.Match[str]) -> str:
        head, bracket, rest = match[1].partition(" (")
        lines = [f"**{head}:**{bracket}{rest}", ""]
        for line in match[2].splitlines():
            item = re.match(r" {4}(\w+): (.*)", line)
            lines.append(f"- `{item[1]}`: {item[2]}" if item else f"  {line.strip()}")
        return "\n".join([*lines, ""])

    return _TITLED.sub(listed, f"{text}\n")
