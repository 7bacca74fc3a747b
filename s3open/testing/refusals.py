"""Refusals of less usual operations, each table for the module that is named above it.

Apart from these modules, which raise what `errors` makes of the tables.
"""

from __future__ import annotations

from typing import Final

# configuration
CONFIGURATION: Final[dict[str, tuple[int, str]]] = {
    "BucketAlreadyExists": (
        409,
        "The requested bucket name is not available. The bucket namespace is shared "
        "by all users of the system. Please select a different name and try again.",
    ),
    "IllegalLocationConstraintException": (
        400,
        "The location constraint is incompatible for the region specific endpoint "
        "this request was sent to.",
    ),
    "InvalidBucketState": (
        409,
        "The request is not valid for the current state of the bucket.",
    ),
    "InvalidLocationConstraint": (
        400,
        "The specified location-constraint is not valid",
    ),
    "MalformedPolicy": (400, "This policy contains invalid Json"),
    "NoSuchBucketPolicy": (404, "The bucket policy does not exist"),
    "NoSuchCORSConfiguration": (404, "The CORS configuration does not exist"),
    "NoSuchLifecycleConfiguration": (
        404,
        "The lifecycle configuration does not exist",
    ),
    "NoSuchPublicAccessBlockConfiguration": (
        404,
        "The public access block configuration was not found",
    ),
    "NoSuchTagSet": (404, "The TagSet does not exist"),
    "NoSuchWebsiteConfiguration": (
        404,
        "The specified bucket does not have a website configuration",
    ),
    "ObjectLockConfigurationNotFoundError": (
        404,
        "Object Lock configuration does not exist for this bucket",
    ),
    "OwnershipControlsNotFoundError": (
        404,
        "The bucket ownership controls were not found",
    ),
    "ServerSideEncryptionConfigurationNotFoundError": (
        404,
        "The server side encryption configuration was not found",
    ),
}

# access
ACCESS: Final[dict[str, tuple[int, str]]] = {}

# posting
POSTING: Final[dict[str, tuple[int, str]]] = {}

# locks
LOCKS: Final[dict[str, tuple[int, str]]] = {}
