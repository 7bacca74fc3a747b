"""``s3open cp``, ``mv``, ``rm``, ``sync``, ``restore`` and ``undo``: many files."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from s3open.cli import service
from s3open.cli.answers import confirmed, json_line, printable
from s3open.cli.parsing import UsageError
from s3open.cli.telling import Teller
from s3open.trees.course import WORKERS
from s3open.trees.filters import Rule
from s3open.trees.progress import bar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def copy(options: Namespace) -> int:
    """Copy; what comes from standard input, or goes to standard output, too."""
    if options.target == service.STANDARD:
        return _to_output(options)
    if service.STANDARD in options.sources:
        return _from_input(options)
    return _transfer(options, "cp")


def move(options: Namespace) -> int:
    """Move."""
    if service.STANDARD in (*options.sources, options.target):
        raise UsageError("a stream cannot be moved")
    return _transfer(options, "mv")


def _transfer(options: Namespace, method: str) -> int:
    fs = service.filesystem(options)
    target = service.name(options.target)
    if len(options.sources) > 1 and not target.endswith("/"):
        # Each below the same folder, and not each over the one before.
        target += "/"

    def work(source: str, given: dict[str, Any]) -> None:
        glob = _is_pattern(options, source)
        getattr(fs, method)(source, target, glob=glob, **given)

    given = {
        **_copying(options, *options.sources),
        "recursive": options.recursive,
        "force": not (options.skip or options.exclusive),
        "skip": options.skip,
        "if_newer": options.update,
    }
    if method == "cp":
        service.check_version(options, options.sources)
        given["version_id"] = options.version_id
    return _each(options, options.sources, work, given)


def sync(options: Namespace) -> int:
    """Have the target be like the source."""
    fs = service.filesystem(options)
    target = service.name(options.target)
    compare = "size" if options.size_only else options.compare
    compare = "mtime" if options.exact_timestamps else compare

    def work(source: str, given: dict[str, Any]) -> None:
        fs.sync(source, target, **given)

    given = {
        **_copying(options, options.source),
        "delete": options.delete,
        "protect": options.protect,
        "compare": compare,
    }
    return _each(options, [options.source], work, given)


def remove(options: Namespace) -> int:
    """Delete; ask first where somebody is there to answer."""
    fs = service.filesystem(options)
    service.check_version(options, options.places)
    places = ", ".join(printable(place) for place in options.places)
    if options.recursive and not _sure(options):
        what = "all versions of all" if options.versions else "all"
        if not confirmed(f"Delete {what} that is below {places}?"):
            print("nothing was deleted", file=sys.stderr)
            return 1

    def work(place: str, given: dict[str, Any]) -> None:
        fs.rm(place, glob=_is_pattern(options, place), **given)

    given = {
        **_running(options),
        "recursive": options.recursive,
        "versions": options.versions,
        "version_id": options.version_id,
        "mfa": options.mfa,
        "bypass_governance": options.bypass_governance,
        "missing_ok": options.force,
    }
    return _each(options, options.places, work, given)


def _is_pattern(options: Namespace, name: str) -> bool:
    return not options.raw and service.may_be_pattern(name)


def _sure(options: Namespace) -> bool:
    if options.force or options.yes or options.dryrun:
        return True
    return not (sys.stdin.isatty() and sys.stderr.isatty())


def _each(
    options: Namespace,
    names: Sequence[str],
    work: Callable[[str, dict[str, Any]], None],
    given: dict[str, Any],
) -> int:
    """Do *work* with every name, telling what it does; return the exit code."""

    def told(text: str) -> None:
        try:
            work(text, more)
        except (OSError, ValueError) as error:
            teller.finish(error, text)

    with ExitStack() as stack:
        progress = stack.enter_context(bar(_progress(options)))
        teller = Teller(options, progress)
        more = {
            **given,
            **_executor(options, stack),
            "progress": progress,
            "on_event": teller,
        }
        if len(names) > 1 and _are_files(options, names):
            code = service.side_by_side(names, told, options.jobs or WORKERS)
        else:
            # What is below each is done side by side.
            code = service.each(names, told)
    return code or teller.finish()


def _are_files(options: Namespace, names: Sequence[str]) -> bool:
    """Whether each of *names* is one file, and none replaces another in the target."""
    if options.recursive or any(_is_pattern(options, name) for name in names):
        return False
    if not hasattr(options, "target"):
        return True
    return len({os.path.basename(name) for name in names}) == len(names)


def _running(options: Namespace) -> dict[str, Any]:
    """Return how it is to be done, by the names of the methods' arguments."""
    return {
        # All of them in one place, so that their order counts.
        "exclude": [Rule(kind == "include", text) for kind, text in options.filters],
        "dry_run": options.dryrun,
        "workers": options.jobs,
    }


def _copying(options: Namespace, *sources: str) -> dict[str, Any]:
    given = service.attributes(options)
    within = all(map(service.is_remote, (*sources, options.target)))
    # What is uploaded has no other metadata than those that are given.
    if options.metadata_directive == "REPLACE" and within:
        given["replace_metadata"] = True
    if options.preserve_acl:
        given["preserve_acl"] = True
    if options.gzip:
        given["gzip"] = True
    if getattr(options, "no_follow_symlinks", False):
        given["follow_links"] = False
    return {**given, **_running(options)}


def _progress(options: Namespace) -> bool | None:
    """Return whether there is to be a bar; None: on a terminal."""
    if options.quiet or options.no_progress or options.dryrun or options.json:
        return False
    return True if options.progress else None


def _executor(options: Namespace, stack: ExitStack) -> dict[str, Any]:
    address = getattr(options, "dask", None)
    if address is None:
        return {}
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError("--dask needs the package distributed") from error
    client = stack.enter_context(Client(address))
    return {"executor": client.get_executor()}


def _from_input(options: Namespace) -> int:
    if len(options.sources) > 1:
        raise UsageError("standard input is copied by itself")
    _refuse(options, "recursive", "skip", "update", "filters", "version_id", "dryrun")
    from s3open.cli import contents

    given = {**vars(options), "name": options.target, "append": False}
    return contents.put(Namespace(**given))


def _to_output(options: Namespace) -> int:
    _refuse(options, "recursive", "skip", "update", "filters", "exclusive", "dryrun")
    from s3open.cli import contents

    return contents.cat(Namespace(**{**vars(options), "names": options.sources}))


def _refuse(options: Namespace, *names: str) -> None:
    for name in names:
        if getattr(options, name):
            raise UsageError(f"--{name.replace('_', '-')} does not go with -")


def restore(options: Namespace) -> int:
    """Remove the newest delete markers; print what is there again."""
    fs = service.filesystem(options)

    def work(uri: str) -> None:
        count = fs.restore(uri, recursive=options.recursive)
        _say(options, "restore", uri, count=count)

    return service.each(options.uris, work)


def undo(options: Namespace) -> int:
    """Have the version before the current one be current."""
    fs = service.filesystem(options)

    def work(uri: str) -> None:
        _say(options, "undo", uri, version_id=fs.undo(uri))

    return service.each(options.uris, work)


def _say(options: Namespace, word: str, uri: str, **more: object) -> None:
    if options.json:
        print(json_line({"action": word, "source": uri, **more}))
    elif not options.quiet:
        behind = " ".join(f"{name}={value}" for name, value in more.items())
        print(f"{word}: {printable(uri)} ({behind})")
