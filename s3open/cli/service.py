"""What the flags say of the store, and of what a new object is given."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s3open import location
from s3open.cli.answers import complain, trace
from s3open.cli.parsing import UsageError
from s3open.config import Config
from s3open.service import FileSystem

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable

STANDARD = "-"

# What these flags say is what `open` calls it.
_GIVEN = (
    *("content_type", "content_encoding", "content_disposition", "content_language"),
    *("cache_control", "expires", "storage_class", "acl", "sse", "sse_kms_key_id"),
    "website_redirect",
)


def filesystem(options: Namespace) -> FileSystem:
    """Return the `FileSystem` that the flags say."""
    if options.ca_bundle:
        os.environ["AWS_CA_BUNDLE"] = options.ca_bundle
    config = Config(
        endpoint_url=options.endpoint_url,
        region=options.region,
        profile=options.profile,
        anonymous=options.no_sign_request,
        requester_pays=options.request_payer is not None,
    )
    if options.no_verify_ssl:
        config = _unverified(config)
    return FileSystem(config)


def _unverified(config: Config) -> Config:
    from s3open.s3.sessions import make_client

    client = make_client(config, config.endpoint_url or "s3://", verify=False)
    return Config(client=client, requester_pays=config.requester_pays)


def name(text: str) -> str:
    """Return the name that *text* means: the user's folder is meant by a ``~``."""
    return os.path.expanduser(text) if text.startswith("~") else text


def is_remote(text: str) -> bool:
    """Whether *text* is on S3: only what says so is."""
    return location.parse(text) is not None


def may_be_pattern(text: str) -> bool:
    """Whether *text* may be a pattern; the shell's names of what is there are none."""
    if not any(letter in text for letter in "*?["):
        return False
    return is_remote(text) or not os.path.lexists(text)


def attributes(options: Namespace) -> dict[str, Any]:
    """Return what a new object is to be given, by the names of `open`."""
    found = {each: getattr(options, each) for each in _GIVEN}
    for each in ("metadata", "tags"):
        found[each] = {
            k: v for pairs in getattr(options, each) for k, v in pairs.items()
        }
    if options.sse_customer_key_file:
        # A file, for arguments can be seen by everybody on this machine.
        found["sse_customer_key"] = Path(options.sse_customer_key_file).read_bytes()
    if options.no_guess_mime_type and not options.content_type:
        found["content_type"] = "binary/octet-stream"  # what S3 itself gives
    return {each: value for each, value in found.items() if value}


def check_version(options: Namespace, names: Iterable[str]) -> None:
    """Raise UsageError if a version is asked for of several."""
    if options.version_id is not None and len(list(names)) > 1:
        raise UsageError("--version-id goes with one name")


def each(names: Iterable[str], work: Callable[[str], object]) -> int:
    """Do *work* with every name, tell what fails, and return the exit code."""
    failed = 0
    for text in names:
        try:
            work(name(text))
        except (OSError, ValueError) as error:
            failed += 1
            _tell(text, error)
    return 1 if failed else 0


def side_by_side(
    names: Iterable[str], work: Callable[[str], object], workers: int
) -> int:
    """Do *work* with every name, as `each` does, many at once."""
    from s3open.trees.executing import run

    failed = 0
    for text, error in run(names, lambda text: work(name(text)), workers=workers):
        if isinstance(error, (OSError, ValueError)):
            failed += 1
            _tell(text, error)
        elif isinstance(error, BaseException):
            raise error
    return 1 if failed else 0


def _tell(text: str, error: Exception) -> None:
    """Tell what is wrong with the name *text*."""
    if isinstance(error, BrokenPipeError):
        # Whoever reads us has seen enough.
        raise error
    sys.stdout.flush()
    trace(error)
    complain(error if _names(error) else f"{text}: {error}")


def _names(error: Exception) -> bool:
    """Whether *error* says itself what it is about."""
    return isinstance(error, OSError) and error.filename is not None
