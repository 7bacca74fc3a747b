"""``s3open recover``: what was written and could not be published."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s3open.cli.answers import confirmed, json_line, printable
from s3open.cli.parsing import UsageError
from s3open.config import Config
from s3open.recovering import recover
from s3open.writing import kept, recovery

if TYPE_CHECKING:
    from argparse import Namespace

    from s3open.recovering import Recovered

_CONDITIONS = {
    "always": "replaces what is there",
    "absent": "published if nothing is there",
    "match": "published if what it replaces is still there",
    "unchanged": "published if it was not changed since",
    "append": "appended to what is there",
}


def run(options: Namespace) -> int:
    """List, publish or discard; return the exit code."""
    found = recover()
    if options.action == "list":
        _list(found, as_json=options.json)
        return 0
    chosen = _chosen(found, options)
    if options.action == "publish":
        return _publish(chosen, options)
    return _discard(chosen, sure=options.yes or options.force)


def _chosen(found: list[Recovered], options: Namespace) -> list[Recovered]:
    """Return those that were named: a name is compared, and never made a path."""
    if bool(options.names) == options.all:
        raise UsageError("name what is meant, or say --all")
    if options.all:
        return found
    by_name = {each.name: each for each in found}
    for name in options.names:
        if name not in by_name:
            raise ValueError(f"there is no recovery file {name!r}: see s3open recover")
    return [by_name[name] for name in dict.fromkeys(options.names)]


def _list(found: list[Recovered], *, as_json: bool) -> None:
    if as_json:
        for each in found:
            print(json_line(_about(each)))
        return
    for each in found:
        print(f"{each.name}  {printable(each.uri)}")
        time = each.time.strftime("%Y-%m-%d %H:%M:%S UTC")
        what = "changes of it" if each.partial else "all of it"
        print(f"    {each.size:,} bytes, {what}, {time}; {_CONDITIONS[each.condition]}")
        print(f"    {printable(each.reason)}")
        if each.ambiguous:
            print("    it may have been published all the same")
    if lost := kept.undescribed():
        print(
            f"s3open: {len(lost)} more in {recovery.directory()} are not whole: a "
            "program was killed while it wrote them, or is writing them",
            file=sys.stderr,
        )


def _about(each: Recovered) -> dict[str, Any]:
    return {
        "name": each.name,
        "uri": each.uri,
        "reason": each.reason,
        "time": each.time.isoformat(),
        "size": each.size,
        "path": each.path,
        "condition": each.condition,
        "partial": each.partial,
        "ambiguous": each.ambiguous,
    }


def _publish(chosen: list[Recovered], options: Namespace) -> int:
    if options.to is not None and len(chosen) != 1:
        raise UsageError("--to is for one at a time")
    given: dict[str, Any] = {}
    if options.sse_customer_key_file is not None:
        # A file, for arguments can be seen by everybody on this machine.
        key = Path(options.sse_customer_key_file).read_bytes()
        given["sse_customer_key"] = key
    if options.endpoint_url or options.region or options.profile:
        given["config"] = Config(
            endpoint_url=options.endpoint_url,
            region=options.region,
            profile=options.profile,
        )
    failed = 0
    for each in chosen:
        uri = each.uri if options.to is None else options.to
        try:
            each.publish(options.to, force=options.force, **given)
        except (OSError, ValueError) as error:
            failed += 1
            print(f"s3open: {each.name}: {error}", file=sys.stderr)
        else:
            print(f"published {printable(uri)}")
    return 1 if failed else 0


def _discard(chosen: list[Recovered], *, sure: bool) -> int:
    if not sure and chosen:
        for each in chosen:
            print(f"{each.name}  {printable(each.uri)}", file=sys.stderr)
        if not confirmed(f"Delete what was written to these {len(chosen)} for good?"):
            print("nothing was discarded", file=sys.stderr)
            return 1
    failed = 0
    for each in chosen:
        try:
            each.discard()
        except OSError as error:
            failed += 1
            print(f"s3open: {each.name}: {error}", file=sys.stderr)
        else:
            print(f"discarded {each.name}")
    return 1 if failed else 0
