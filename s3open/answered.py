"""The error for what a store has answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from s3open import coded, codes, errors

if TYPE_CHECKING:
    from collections.abc import Mapping

# The elements of an error that have the session token in them.
_QUOTES: Final = frozenset({"Token-0", "CanonicalRequest", "CanonicalRequestBytes"})

# What says no more than that it is not there.
_SILENT: Final = frozenset({"", "404", "NoSuchKey", "NotFound"})

# A HEAD is answered without a body, and so without a code.
_HEADS: Final = {
    ("HeadObject", 304): "NotModified",
    ("HeadObject", 403): "AccessDenied",
    ("HeadObject", 404): "NoSuchKey",
    ("HeadObject", 412): "PreconditionFailed",
    ("HeadBucket", 403): "AccessDenied",
    ("HeadBucket", 404): "NoSuchBucket",
}


def answered(
    code: str,
    status: int,
    filename: str,
    response: Mapping[str, Any],
    *,
    operation: str = "",
    versioned: bool = False,
    denied: str = "",
) -> errors.S3Error:
    """Return the error for an answer with *status* and S3's error *code*.

    It is of the class that *code* has in `coded`; of one of the kinds in `errors`, by
    its status, if the code is unknown. *versioned* says that a version was named.
    *denied* is the advice for a 403 that says no
    more than that. *response* is kept on it, with ``RequestId``, ``HostId`` and
    ``RetryAttempts`` taken from its ``ResponseMetadata`` where they are.
    """
    meant = code
    if code in ("", str(status)):
        meant = _HEADS.get((operation, status), code)
        if meant == "NoSuchKey" and versioned:
            meant = "NoSuchVersion"
    kind, advice = codes.meaning(meant, status)
    name = meant.replace(".", "")
    if name in codes.CODES:
        kind = getattr(coded, name)
    if status == 403 and not advice and denied:
        advice = f"{code}: {denied}" if code else denied
    elif not advice and not (issubclass(kind, FileNotFoundError) and code in _SILENT):
        message = str(response.get("Error", {}).get("Message", ""))
        advice = ": ".join(part for part in (code, message) if part)
    error = kind.at(filename, advice)
    metadata = response.get("ResponseMetadata", {})
    error.code, error.status = code, status
    error.operation = operation
    error.response = _without_secrets(response)
    error.passing = status in (429, 503) or code in codes.SLOWER
    error.request_id = metadata.get("RequestId")
    error.host_id = metadata.get("HostId")
    if issubclass(kind, errors.IntegrityError):
        # The store has refused it: damaged on its way, most likely.
        error.retryable = True
    carried_out = status >= 500 and status != 501
    error.ambiguous = carried_out or metadata.get("RetryAttempts", 0) > 0
    return error


def _without_secrets(response: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an answer without the session token, which S3 quotes where it is wrong."""
    said = response.get("Error", {})
    if _QUOTES.isdisjoint(said):
        return response
    kept = {name: value for name, value in said.items() if name not in _QUOTES}
    return {**response, "Error": kept}
