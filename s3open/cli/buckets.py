"""``mb rb buckets bucket versioning``: buckets, and how they are configured."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentTypeError
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s3open.cli import service, values
from s3open.cli.answers import (
    confirmed,
    json_line,
    print_name,
    printable,
    time_text,
)
from s3open.cli.parsing import UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from s3open.service.bucket import Bucket

_STATES = {True: "on", False: "off", None: "never"}


def make(options: Namespace) -> int:
    """Make buckets."""
    fs = service.filesystem(options)
    tags = {k: v for pairs in options.tags for k, v in pairs.items()}

    def work(name: str) -> None:
        bucket = fs.bucket(name).create(
            options.location,
            options.versioned,
            acl=options.acl,
            ownership=options.ownership,
            object_lock=options.object_lock,
            tags=tags,
            exist_ok=options.skip,
        )
        _tell(options, "make_bucket", bucket)

    return service.each(options.buckets, work)


def remove(options: Namespace) -> int:
    """Remove buckets, with what is in them if that is meant."""
    fs = service.filesystem(options)
    full = options.recursive or options.force
    if full and not _sure(options):
        names = ", ".join(map(printable, options.buckets))
        if not confirmed(f"Delete {names}, and all versions of all that is in there?"):
            print("nothing was deleted", file=sys.stderr)
            return 1

    def work(name: str) -> None:
        bucket = fs.bucket(name)
        bucket.delete(force=full, missing_ok=options.force)
        _tell(options, "remove_bucket", bucket)

    return service.each(options.buckets, work)


def _sure(options: Namespace) -> bool:
    if options.force or options.yes:
        return True
    return not (sys.stdin.isatty() and sys.stderr.isatty())


def _tell(options: Namespace, action: str, bucket: Bucket) -> None:
    """Print what was done, in the words of aws-cli."""
    if options.json:
        print(json_line({"action": action, "uri": bucket.uri}))
    elif not options.quiet:
        print(f"{action}: {printable(bucket.name)}")


def names(options: Namespace) -> int:
    """List the buckets of the account."""
    for each in service.filesystem(options).buckets(options.prefix):
        uri = f"s3://{each.name}"
        if options.json:
            owner = each.owner and each.owner.id
            about = {"created": each.created, "region": each.region, "owner": owner}
            print(json_line({"uri": uri, **about}))
        elif options.long:
            region = each.region or "-"
            print(f"{time_text(each.created)}  {region:<14}  {printable(uri)}")
        else:
            print_name(uri, null=options.null)
    return 0


def information(options: Namespace) -> int:
    """Print all settings of buckets; null is what is not configured."""
    fs = service.filesystem(options)

    def work(name: str) -> None:
        info = fs.bucket(name).info()
        found = {key: getattr(info, key) for key in info.__dict__}
        if options.json:
            print(_json({"uri": f"s3://{info.name}", **found}))
            return
        for key, value in found.items():
            if key in info.denied:
                print(f"{key}: (denied)")
            elif key != "denied" and value is not None:
                text = value if isinstance(value, str) else _json(value)
                print(f"{key}: {printable(text)}")

    return service.each(options.buckets, work)


def setting(options: Namespace) -> int:
    """Print one setting."""
    bucket = service.filesystem(options).bucket(options.bucket)
    value = getattr(bucket, _method(options))()
    print(_json(value) if options.json else _json(value, indent=2))
    return 0


def configure(options: Namespace) -> int:
    """Have a setting be what the user says."""
    value = _value(options.setting, options.value)
    bucket = service.filesystem(options).bucket(options.bucket)
    getattr(bucket, f"set_{_method(options)}")(value)
    return 0


def unconfigure(options: Namespace) -> int:
    """Remove a setting."""
    bucket = service.filesystem(options).bucket(options.bucket)
    getattr(bucket, f"set_{_method(options)}")(None)
    return 0


def versioning(options: Namespace) -> int:
    """Say whether a bucket keeps versions, or have it keep them, or not."""
    bucket = service.filesystem(options).bucket(options.bucket)
    if options.state is None:
        if options.mfa_delete or options.mfa:
            raise UsageError("--mfa-delete and --mfa go with on or off")
        kept = bucket.versioning()
        about = {"uri": bucket.uri, "versioning": kept}
        print(_json(about) if options.json else _STATES[kept])
        return 0
    mfa_delete = None if options.mfa_delete is None else options.mfa_delete == "on"
    bucket.set_versioning(options.state == "on", mfa_delete=mfa_delete, mfa=options.mfa)
    return 0


def _method(options: Namespace) -> str:
    name: str = options.setting
    return name.replace("-", "_")


def _value(setting: str, text: str) -> Any:
    """Return the value that *text* is, or that the file of that name has."""
    if text == "-":
        return json.loads(sys.stdin.read())
    if text.startswith(("{", "[")):
        return json.loads(text)
    if setting in ("ownership", "encryption") and not Path(text).exists():
        return text
    if setting == "tags" and "=" in text:
        return _pairs(text)
    if setting == "public-access-block" and text in ("on", "off"):
        return text == "on"
    return json.loads(Path(service.name(text)).read_bytes())


def _pairs(text: str) -> dict[str, str]:
    try:
        return values.pairs(text)
    except ArgumentTypeError as error:
        raise UsageError(str(error)) from error


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(_plain(value), indent=indent, default=_text)


def _plain(value: Any) -> Any:
    """Return *value* with the names of fields, where JSON would have lists of them."""
    if is_dataclass(value):
        names = [field.name for field in fields(value)]
        return {name: _plain(getattr(value, name)) for name in names}
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
