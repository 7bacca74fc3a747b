"""Refusals of less usual operations, each table for the module that is named above it.

Apart from these modules, which raise what `errors` makes of the tables.
"""

from __future__ import annotations

from typing import Final

# configuration
CONFIGURATION: Final[dict[str, tuple[int, str]]] = {}

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
    "InvalidPolicyDocument": (
        400,
        "The content of the form does not meet the conditions specified in the policy "
        "document.",
    ),
    "MalformedPOSTRequest": (
        400,
        "The body of your POST request is not well-formed multipart/form-data.",
    ),
}

# locks
LOCKS: Final[dict[str, tuple[int, str]]] = {}
