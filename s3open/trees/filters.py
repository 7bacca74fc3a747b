"""Which files take part, by patterns; and which are left alone whatever happens.

The rules are those of ``aws s3``: every file takes part, until a pattern says
otherwise; of several that match, the last one decides.
"""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    Patterns: TypeAlias = str | Iterable["str | Rule"]


class Rule(NamedTuple):
    """What matches *pattern* takes part, or (not *include*) does not."""

    include: bool
    pattern: str


class Filter:
    """Decides by the name below the directory that is copied or synced, not by itself.

    ``*`` matches any letters, ``/`` among them, ``?`` one, ``[a-z]`` one of those and
    ``[!a-z]`` one of the others; large and small letters differ. Can be pickled, and
    used from any thread.
    """

    def __init__(self, rules: Sequence[Rule] = (), protect: Iterable[str] = ()) -> None:
        # The last that matches decides, so they are asked from the last on.
        self._rules = [
            (rule.include, re.compile(fnmatch.translate(rule.pattern)))
            for rule in reversed(rules)
        ]
        self._protected = tuple(map(_directory, protect))
        # What was meant as a pattern is one, too: better too much is kept.
        self._spared = [
            re.compile(fnmatch.translate(each.rstrip("/") + below))
            for each in self._protected
            for below in ("", "/*")
        ]

    @classmethod
    def of(
        cls,
        include: Patterns = (),
        exclude: Patterns = (),
        protect: str | Iterable[str] = (),
    ) -> Filter:
        """Return the filter for what a function was given; a string is one pattern.

        Without an order of their own, *exclude* comes first and *include* makes
        exceptions of it. *include* alone has nothing else take part. Where the order
        matters, one of them is given as `Rule`s, and has both kinds.
        """
        excluded, included = _listed(exclude), _listed(include)
        rules = [
            *(_rule(False, each) for each in excluded),
            *(_rule(True, each) for each in included),
        ]
        ordered = any(isinstance(each, Rule) for each in (*excluded, *included))
        if included and not excluded and not ordered:
            rules.insert(0, Rule(False, "*"))
        return cls(rules, [protect] if isinstance(protect, str) else protect)

    def admits(self, name: str) -> bool:
        """Whether the file takes part."""
        for include, pattern in self._rules:
            if pattern.match(name):
                return include
        return True

    def protects(self, name: str) -> bool:
        """Whether the file is not to be removed."""
        if not self._protected:
            return False
        spared = any(pattern.match(name) for pattern in self._spared)
        return spared or f"{name}/".startswith(self._protected)


def _listed(patterns: Patterns) -> list[str | Rule]:
    return [patterns] if isinstance(patterns, str) else list(patterns)


def _rule(include: bool, given: str | Rule) -> Rule:
    return given if isinstance(given, Rule) else Rule(include, given)


def _directory(name: str) -> str:
    """Return a protected name with a "/" at its end.

    One that can match nothing is an error: it was meant to keep something.
    """
    if "://" in name or name.startswith(("/", "./", "../")):
        raise ValueError(
            f"what to protect is named as below the target that is synced: {name!r}"
        )
    return name if not name or name.endswith("/") else f"{name}/"
