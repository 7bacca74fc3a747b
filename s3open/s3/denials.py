"""What to say where a 403 has no more to say than AccessDenied."""

from __future__ import annotations

from typing import Final

_READ = (
    "these credentials may not read it (s3:GetObject), or there is no such key: "
    "without s3:ListBucket both look the same"
)
_WRITE = "these credentials may not write it: s3:PutObject is needed"
_LIST = "these credentials may not list the bucket: s3:ListBucket is needed"
_DELETE = "these credentials may not delete it: s3:DeleteObject is needed"
_COPY = (
    "these credentials may not read the source (s3:GetObject), or not write the copy "
    "(s3:PutObject)"
)
_VERSIONS = "these credentials may not list versions: s3:ListBucketVersions is needed"
_UPLOADS = (
    "these credentials may not list uploads: s3:ListBucketMultipartUploads is needed"
)
_ABORT = "these credentials may not abort uploads: s3:AbortMultipartUpload is needed"

_RESTORE = "these credentials may not restore it: s3:RestoreObject is needed"
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
_KEPT = ", and no lock that keeps it (legal_hold, retention), nor MFA delete"
_RETENTION = (
    "these credentials may not do that: s3:PutObjectRetention is needed, and to "
    "shorten one in governance mode bypass_governance (s3:BypassGovernanceRetention); "
    "nobody shortens one in compliance mode"
)
_VERSIONING = (
    "these credentials may not ask whether the bucket keeps versions: "
    "s3:GetBucketVersioning is needed"
)

# Permissions that are not called as the operation is.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
_PERMISSIONS: Final = {
    "upload_exists": "ListMultipartUploadParts",
    "get_object_tags": "GetObjectTagging",
    "put_object_tags": "PutObjectTagging",
    "list_buckets": "ListAllMyBuckets",
    "head_bucket": "ListBucket",
    "list_parts": "ListMultipartUploadParts",
    "get_bucket_accelerate_configuration": "GetAccelerateConfiguration",
    "put_bucket_accelerate_configuration": "PutAccelerateConfiguration",
    "get_bucket_cors": "GetBucketCORS",
    "put_bucket_cors": "PutBucketCORS",
    "delete_bucket_cors": "PutBucketCORS",
    "get_bucket_encryption": "GetEncryptionConfiguration",
    "put_bucket_encryption": "PutEncryptionConfiguration",
    "delete_bucket_encryption": "PutEncryptionConfiguration",
    "get_bucket_lifecycle_configuration": "GetLifecycleConfiguration",
    "put_bucket_lifecycle_configuration": "PutLifecycleConfiguration",
    "delete_bucket_lifecycle": "PutLifecycleConfiguration",
    "get_bucket_notification_configuration": "GetBucketNotification",
    "put_bucket_notification_configuration": "PutBucketNotification",
    "delete_bucket_ownership_controls": "PutBucketOwnershipControls",
    "get_bucket_replication": "GetReplicationConfiguration",
    "put_bucket_replication": "PutReplicationConfiguration",
    "delete_bucket_replication": "PutReplicationConfiguration",
    "delete_bucket_tagging": "PutBucketTagging",
    "get_object_lock_configuration": "GetBucketObjectLockConfiguration",
    "put_object_lock_configuration": "PutBucketObjectLockConfiguration",
    "get_public_access_block": "GetBucketPublicAccessBlock",
    "put_public_access_block": "PutBucketPublicAccessBlock",
    "delete_public_access_block": "PutBucketPublicAccessBlock",
}

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
_PUBLIC: Final = ", and a public ACL needs public access not to be blocked"
_OF_ACLS: Final = ("put_object_acl", "put_bucket_acl")

# Of these, S3 has one permission for the current version, and one for others.
_OF_VERSIONS: Final = ("Acl", "Tagging", "Attributes")

_BY_VERB: Final = {
    "list_objects": _LIST,
    "list_objects_v2": _LIST,
    "list_versions": _VERSIONS,
    "list_object_versions": _VERSIONS,
    "delete_object": _DELETE,
    "delete_objects": _DELETE,
    "copy_object": _COPY,
    "upload_part_copy": _COPY,
    "list_multipart_uploads": _UPLOADS,
    "abort_multipart_upload": _ABORT,
    "restore_object": _RESTORE,
    "put_object_retention": _RETENTION,
    "get_bucket_versioning": _VERSIONING,
    "get_object": _READ,
    "head_object": _READ,
    "put_object": _WRITE,
    "create_multipart_upload": _WRITE,
    "upload_part": _WRITE,
    "complete_multipart_upload": _WRITE,
}


def advice(verb: str, *, versioned: bool = False) -> str:
    """Return the advice for *verb*, of a certain version if *versioned*."""
    text = _BY_VERB.get(verb)
    if text is None:
        name = _permission(verb, versioned=versioned)
        text = f"these credentials may not do that: s3:{name} is needed"
        return text + _PUBLIC if verb in _OF_ACLS else text
    if versioned:
        for name in ("s3:GetObject", "s3:DeleteObject"):
            text = text.replace(name, f"{name}Version")
        if verb in ("delete_object", "delete_objects"):
            text += _KEPT
    return text


def _permission(verb: str, *, versioned: bool) -> str:
    """Return the name of the permission that *verb* needs."""
    name = _PERMISSIONS.get(verb) or verb.title().replace("_", "")
    if versioned and name.endswith(_OF_VERSIONS):
        return name.replace("Object", "ObjectVersion", 1)
    return name
