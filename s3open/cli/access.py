"""``s3open acl`` and ``s3open logging``: who may do what, and what is written of it."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from s3open import location as locations
from s3open.access import ACL, Logging
from s3open.cli import service
from s3open.cli.answers import json_line, printable
from s3open.cli.parsing import UsageError
from s3open.cli.values import GROUPS
from s3open.service.bucket import Bucket

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable

    from s3open.access import Grant
    from s3open.service import FileSystem

_NAMES = {uri: name for name, uri in GROUPS.items()}


def get(options: Namespace) -> int:
    """Print the ACLs that are asked for; return the exit code."""
    service.check_version(options, options.uris)
    fs = service.filesystem(options)

    def work(uri: str) -> None:
        found = _acl(fs, uri, options.version_id)
        if options.json:
            print(json_line(_about(uri, found)))
        elif options.xml:
            print(found.xml())
        else:
            if len(options.uris) > 1:
                print(f"{printable(uri)}:")
            print(f"{'owner':12}  {printable(found.owner.id)}")
            for each in found.grants:
                whom = _NAMES.get(each.grantee, each.grantee)
                print(f"{each.permission:12}  {printable(whom)}")

    return service.each(options.uris, work)


def put(options: Namespace) -> int:
    """Change ACLs as *options* say; return the exit code."""
    service.check_version(options, options.uris)
    changed = bool(options.grant or options.revoke)
    if sum((changed, options.xml, options.acl is not None)) != 1:
        raise UsageError("say one of --acl, --xml, or --grant and --revoke")
    fs, version_id = service.filesystem(options), options.version_id
    given = ACL.parse(sys.stdin.buffer.read()) if options.xml else options.acl

    def work(uri: str) -> None:
        acl = given
        if changed:
            found = _acl(fs, uri, version_id)
            acl = found.without(*options.revoke).granting(*options.grant)
        elif options.xml:
            # A document goes for others, too, but whose they are does not change.
            acl = replace(given, owner=_acl(fs, uri, version_id).owner)
        if _is_bucket(uri):
            Bucket(uri, fs.config).set_acl(acl)
        else:
            fs.set_acl(uri, acl, version_id=version_id)

    return service.each(options.uris, work)


def logging(options: Namespace) -> int:
    """Say, or change, where the requests to a bucket are logged."""
    bucket = Bucket(options.bucket, service.filesystem(options).config)
    if options.target is not None:
        if options.xml or options.json:
            raise UsageError("--xml and --json are for what is there")
        bucket.set_logging(_logging(options.target))
        return 0
    found = bucket.logging()
    if options.json:
        place = {"target": found.target, "prefix": found.prefix} if found else {}
        print(json_line({"bucket": bucket.name, "enabled": found is not None, **place}))
    elif options.xml:
        print(found.xml() if found else "<BucketLoggingStatus/>")
    else:
        print(printable(f"s3://{found.target}/{found.prefix}") if found else "off")
    return 0


def _acl(fs: FileSystem, uri: str, version_id: str | None) -> ACL:
    if _is_bucket(uri):
        return Bucket(uri, fs.config).acl()
    return fs.acl(uri, version_id=version_id)


def _is_bucket(uri: str) -> bool:
    at = locations.parse(uri)
    return at is not None and not at.key


def _about(uri: str, acl: ACL) -> dict[str, object]:
    return {"uri": uri, "owner": acl.owner._asdict(), "grants": _listed(acl.grants)}


def _listed(grants: Iterable[Grant]) -> list[dict[str, str]]:
    return [{"grantee": each.grantee, "permission": each.permission} for each in grants]


def _logging(target: str) -> Logging | None:
    if target == "off":
        return None
    at = locations.parse(target)
    if at is None:
        raise ValueError(f"logs go to s3://bucket/prefix, or off: {target!r}")
    return Logging(at.bucket, at.key)
