"""``s3open uploads``: the multipart uploads that somebody has left behind.

S3 charges for their parts until they are aborted. Nothing but this command touches the
uploads of others: some may be under way.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from s3open import location as locations
from s3open.cli import service
from s3open.cli.answers import confirmed, json_line, printable
from s3open.errors import S3Error

if TYPE_CHECKING:
    from argparse import Namespace

    from s3open.location import Location
    from s3open.service import FileSystem
    from s3open.service.information import Upload


def run(options: Namespace) -> int:
    """List, or abort, the uploads that *options* say; return the exit code."""
    place = _place(options.place)
    found = list(_found(service.filesystem(options), place, options))
    if options.action == "list":
        for each in found:
            print(json_line(_about(each)) if options.json else _line(each))
        return 0
    return _abort(found, options)


def _place(name: str) -> Location:
    place = locations.parse(name if "://" in name else f"s3://{name}")
    if place is None:
        raise ValueError(f"not a bucket, or a place in one: {name!r}")
    return place


def _found(fs: FileSystem, place: Location, options: Namespace) -> list[Upload]:
    """Return the uploads at *place*, or below it as if it were a directory."""
    key, prefix = place.key, options.prefix
    if key and prefix:
        raise ValueError("a --prefix goes with a bucket")
    below = key if key.endswith("/") else f"{key}/"
    latest = datetime.now(timezone.utc) - (options.older_than or timedelta())
    bucket = fs.bucket(place.bucket)
    exact, inside = f"{bucket.uri}/{key}", f"{bucket.uri}/{below}"
    return [
        each
        for each in bucket.uploads(key or prefix)
        if each.begun <= latest
        and (not key or each.uri == exact or each.uri.startswith(inside))
    ]


def _abort(found: list[Upload], options: Namespace) -> int:
    if not found:
        if not options.json:
            print("there are none")
        return 0
    if not (options.yes or options.force):
        for each in found:
            print(_line(each), file=sys.stderr)
        if not confirmed(f"Abort these {len(found)}?"):
            print("nothing was aborted", file=sys.stderr)
            return 1
    failed = 0
    for each in found:
        try:
            each.abort()
        except S3Error as error:
            failed += 1
            print(f"s3open: {each.upload_id}: {error}", file=sys.stderr)
        else:
            done = json_line({"action": "abort", **_about(each)})
            print(done if options.json else f"aborted {_line(each)}")
    return 1 if failed else 0


def _line(each: Upload) -> str:
    begun = each.begun.strftime("%Y-%m-%d %H:%M:%S")
    return f"{begun}  {printable(each.uri)}  {each.upload_id}"


def _about(each: Upload) -> dict[str, Any]:
    return {
        "uri": each.uri,
        "upload_id": each.upload_id,
        "begun": each.begun.isoformat(),
    }
