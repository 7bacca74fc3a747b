"""``s3open url``: what others can use without credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open.cli import service
from s3open.cli.answers import json_line, printable
from s3open.cli.parsing import UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from s3open.service import FileSystem


def url(options: Namespace) -> int:
    """Print a URL, or a form, for each of what is named; return the exit code."""
    service.check_version(options, options.uris)
    _check(options)
    fs = service.filesystem(options)
    make = _public if options.public else _form if options.post else _signed

    def work(uri: str) -> None:
        found = make(fs, uri, options)
        if options.json:
            print(json_line({"uri": uri, **found}))
            return
        print(printable(found["url"]))
        for name, value in found.get("fields", {}).items():
            print(printable(f"{name}={value}"))

    return service.each(options.uris, work)


def _check(options: Namespace) -> None:
    """Raise UsageError for flags that have no meaning together."""
    given = options.content_type or options.metadata
    if options.public and (options.method or options.expires_in is not None or given):
        raise UsageError("--public has no signature: it is for GET, and for ever")
    if options.post and (options.method or options.version_id is not None):
        raise UsageError("--post is a method, and makes a version of its own")
    if given and not options.post and options.method not in ("PUT", "POST"):
        raise UsageError(
            "--content-type and --metadata go with --method PUT, or --post"
        )


def _public(fs: FileSystem, uri: str, options: Namespace) -> Mapping[str, Any]:
    return {"url": fs.public_url(uri, version_id=options.version_id)}


def _form(fs: FileSystem, uri: str, options: Namespace) -> Mapping[str, Any]:
    fields = _given(options)
    return fs.presign_post(uri, _seconds(options), fields=fields)._asdict()


def _signed(fs: FileSystem, uri: str, options: Namespace) -> Mapping[str, Any]:
    headers = _given(options)
    found = fs.presign(
        uri,
        options.method or "GET",
        _seconds(options),
        version_id=options.version_id,
        headers=headers,
    )
    return {"url": found, "headers": headers or None}


def _given(options: Namespace) -> dict[str, str]:
    """Return the headers, or fields, that say what the new object is given."""
    found = {
        f"x-amz-meta-{name.lower()}": value
        for pairs in options.metadata
        for name, value in pairs.items()
    }
    if options.content_type:
        found["Content-Type"] = options.content_type
    return found


def _seconds(options: Namespace) -> float:
    seconds: float | None = options.expires_in
    return 3600 if seconds is None else seconds
