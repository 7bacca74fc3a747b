"""``s3open url``: what others can use without credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open.cli import service
from s3open.cli.answers import json_line, printable
from s3open.cli.parsing import UsageError

if TYPE_CHECKING:
    from argparse import Namespace


def url(options: Namespace) -> int:
    """Print a URL for each of what is named; return the exit code."""
    service.check_version(options, options.uris)
    if options.public and (options.method or options.expires_in is not None):
        raise UsageError("--public has no signature: it is for GET, and for ever")
    fs, version_id = service.filesystem(options), options.version_id

    def work(uri: str) -> None:
        if options.public:
            found = fs.public_url(uri, version_id=version_id)
        else:
            seconds = 3600 if options.expires_in is None else options.expires_in
            method = options.method or "GET"
            found = fs.presign(uri, method, seconds, version_id=version_id)
        print(
            json_line({"uri": uri, "url": found}) if options.json else printable(found)
        )

    return service.each(options.uris, work)
