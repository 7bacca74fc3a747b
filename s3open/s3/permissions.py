"""Who may do what with objects and buckets, and where requests are logged.

Outside the data path, hence by boto3 itself. What is to be set replaces what is there,
so it may be sent twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from s3open import access
from s3open.access import ACL, Logging
from s3open.s3 import answers, retry
from s3open.s3.clients import boto_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3open.config import Config
    from s3open.location import Location

_VERSION: Final = "VersionId"


def acl(config: Config, at: Location, version_id: str | None = None) -> ACL:
    """Return the ACL of the object *at*, or of a version of it."""
    return _acl(_ask(config, "get_object_acl", at, _version(version_id)), at)


def set_acl(
    config: Config,
    at: Location,
    acl: ACL | str | bytes | Mapping[str, Any],
    version_id: str | None = None,
) -> None:
    """Give the object *at*, or a version of it, another ACL; ValueError for none."""
    given = access.acl_arguments(acl, access.OBJECT_ACLS)
    _ask(config, "put_object_acl", at, {**_version(version_id), **given})


def bucket_acl(config: Config, at: Location) -> ACL:
    """Return the ACL of the bucket *at*."""
    return _acl(_ask(config, "get_bucket_acl", at), at)


def set_bucket_acl(
    config: Config, at: Location, acl: ACL | str | bytes | Mapping[str, Any]
) -> None:
    """Give the bucket *at* another ACL; ValueError for what is none."""
    given = access.acl_arguments(acl, access.BUCKET_ACLS)
    _ask(config, "put_bucket_acl", at, given)


def logging(config: Config, at: Location) -> Logging | None:
    """Return where the requests of the bucket *at* are logged, None for nowhere."""
    answer = _ask(config, "get_bucket_logging", at)
    try:
        return Logging.of_boto(answer)
    except ValueError as error:
        raise answers.foreign(at.uri) from error


def set_logging(
    config: Config,
    at: Location,
    logging: Logging | str | bytes | Mapping[str, Any] | None,
) -> None:
    """Have them be logged elsewhere, or not at all; ValueError for other things."""
    status = access.logging_status(logging)
    _ask(config, "put_bucket_logging", at, {"BucketLoggingStatus": status})


def _ask(
    config: Config,
    operation: str,
    at: Location,
    arguments: Mapping[str, Any] | None = None,
) -> Any:
    """Return the answer to *operation*, on the object *at* or on its bucket."""
    verbs = boto_for(config, at.uri)
    ask = verbs.ask_of_object if "object" in operation else verbs.ask
    return retry.repeated(
        lambda: ask(operation, at, **(arguments or {})), verbs.patience
    )


def _version(version_id: str | None) -> dict[str, str]:
    return {} if version_id is None else {_VERSION: version_id}


def _acl(answer: Mapping[str, Any], at: Location) -> ACL:
    try:
        return ACL.of_boto(answer)
    except ValueError as error:
        raise answers.foreign(at.uri) from error
