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
ACCESS: Final[dict[str, tuple[int, str]]] = {
    "AccessControlListNotSupported": (400, "The bucket does not allow ACLs"),
    "InvalidBucketAclWithObjectOwnership": (
        400,
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced "
        "setting",
    ),
    "InvalidTargetBucketForLogging": (
        400,
        "The target bucket for logging does not exist, is not owned by you, or does "
        "not have the appropriate grants for the log-delivery group.",
    ),
    "MalformedACLError": (
        400,
        "The ACL that you provided was not well formed or did not validate against "
        "our published schema.",
    ),
    "MissingSecurityHeader": (400, "Your request is missing a required header."),
    "UnexpectedContent": (400, "This request does not support content"),
    "UnresolvableGrantByEmailAddress": (
        400,
        "The email address you provided does not match any account on record.",
    ),
}

# posting
POSTING: Final[dict[str, tuple[int, str]]] = {
    "IncorrectNumberOfFilesInPostRequest": (
        400,
        "POST requires exactly one file upload per request.",
    ),
    "InvalidPolicyDocument": (
        400,
        "The content of the form does not meet the conditions specified in the policy "
        "document.",
    ),
    "MaxPostPreDataLengthExceededError": (
        400,
        "Your POST request fields preceding the upload file were too large.",
    ),
    "MalformedPOSTRequest": (
        400,
        "The body of your POST request is not well-formed multipart/form-data.",
    ),
}

# locks
LOCKS: Final[dict[str, tuple[int, str]]] = {
    "NoSuchObjectLockConfiguration": (
        404,
        "The specified object does not have a ObjectLock configuration",
    ),
    "RestoreAlreadyInProgress": (409, "Object restore is already in progress"),
}
