"""``s3open uploads``: the multipart uploads that somebody has left behind.

S3 charges for their parts until they are aborted. Nothing but this command touches the
uploads of others: some may be under way.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from s3open import location as locations
from s3open.cli.answers import confirmed, json_line, printable
from s3open.config import Config
from s3open.errors import S3Error
from s3open.s3 import uploads
from s3open.s3.clients import boto_for

if TYPE_CHECKING:
    from argparse import Namespace

    from s3open.location import Location
    from s3open.s3.boto import BotoVerbs
    from s3open.s3.uploads import PendingUpload


def run(options: Namespace) -> int:
    """List, or abort, the uploads that *options* say; return the exit code."""
    place = _place(options.place)
    config = Config(
        endpoint_url=options.endpoint_url,
        region=options.region,
        profile=options.profile,
    )
    verbs = boto_for(config, place.uri)
    found = list(_found(verbs, place, options))
    if options.action == "list":
        _list(place, found, as_json=options.json)
        return 0
    return _abort(verbs, place, found, sure=options.yes or options.force)


def _place(name: str) -> Location:
    place = locations.parse(name if "://" in name else f"s3://{name}")
    if place is None:
        raise ValueError(f"not a bucket, or a place in one: {name!r}")
    return place


def _found(
    verbs: BotoVerbs, place: Location, options: Namespace
) -> list[PendingUpload]:
    """Return the uploads at *place*, or below it as if it were a directory."""
    key, prefix = place.key, options.prefix
    if key and prefix:
        raise ValueError("a --prefix goes with a bucket")
    below = key if key.endswith("/") else f"{key}/"
    latest = datetime.now(timezone.utc) - (options.older_than or timedelta())
    return [
        each
        for each in uploads.pending(verbs, place, key or prefix)
        if each.begun <= latest
        and (not key or each.key == key or each.key.startswith(below))
    ]


def _list(place: Location, found: list[PendingUpload], *, as_json: bool) -> None:
    for each in found:
        print(json_line(_about(place, each)) if as_json else _line(place, each))


def _abort(
    verbs: BotoVerbs, place: Location, found: list[PendingUpload], *, sure: bool
) -> int:
    if not found:
        print("there are none")
        return 0
    if not sure:
        for each in found:
            print(_line(place, each), file=sys.stderr)
        if not confirmed(f"Abort these {len(found)}?"):
            print("nothing was aborted", file=sys.stderr)
            return 1
    failed = 0
    for each in found:
        at = locations.Location(place.bucket, each.key, _uri(place, each))
        try:
            uploads.abort(verbs, at, each.upload)
        except S3Error as error:
            failed += 1
            print(f"s3open: {each.upload}: {error}", file=sys.stderr)
        else:
            print(f"aborted {_line(place, each)}")
    return 1 if failed else 0


def _uri(place: Location, each: PendingUpload) -> str:
    return f"s3://{place.bucket}/{each.key}"


def _line(place: Location, each: PendingUpload) -> str:
    begun = each.begun.strftime("%Y-%m-%d %H:%M:%S")
    return f"{begun}  {printable(_uri(place, each))}  {each.upload}"


def _about(place: Location, each: PendingUpload) -> dict[str, str]:
    return {
        "uri": _uri(place, each),
        "upload_id": each.upload,
        "begun": each.begun.isoformat(),
    }
