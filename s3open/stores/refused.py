"""What a refusal to read means, told more exactly than its code does."""

from __future__ import annotations

from s3open import errors


def is_no_version(error: errors.S3Error) -> bool:
    """Whether an id was no id at all (400), or that of a delete marker (405)."""
    argument = error.response.get("Error", {}).get("ArgumentName", "versionId")
    wrong = error.code == "InvalidArgument" and argument == "versionId"
    return wrong or error.status == 405


def unexpected(error: errors.S3Error) -> errors.S3Error:
    """Return the error for an object that is not the one that was asked for."""
    advice = "it is not the one that was asked for"
    return told_as(errors.PreconditionFailedError, error, advice)


def told_as(
    kind: type[errors.S3Error], error: errors.S3Error, advice: str
) -> errors.S3Error:
    """Return *error* as one of *kind*, with all that was answered."""
    other = kind.at(error.filename, advice)
    other.__dict__.update(error.__dict__)
    return other
