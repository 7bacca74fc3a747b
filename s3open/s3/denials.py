"""What to say where a 403 has no more to say than AccessDenied."""

from __future__ import annotations

from typing import Final

_READ = (
    "these credentials may not read it (s3:GetObject), or there is no such key: "
    "without s3:ListBucket both look the same"
)
_WRITE = "these credentials may not write it: s3:PutObject is needed"
_VERSIONS = "these credentials may not list versions: s3:ListBucketVersions is needed"
_UPLOADS = (
    "these credentials may not list uploads: s3:ListBucketMultipartUploads is needed"
)
_ABORT = "these credentials may not abort uploads: s3:AbortMultipartUpload is needed"

_BY_VERB: Final = {
    "list_object_versions": _VERSIONS,
    "list_multipart_uploads": _UPLOADS,
    "abort_multipart_upload": _ABORT,
    "get_object": _READ,
    "head_object": _READ,
    "put_object": _WRITE,
    "create_multipart_upload": _WRITE,
    "upload_part": _WRITE,
    "complete_multipart_upload": _WRITE,
}


def advice(verb: str, *, versioned: bool = False) -> str:
    """Return the advice for *verb*, of a certain version if *versioned*."""
    text = _BY_VERB.get(verb, "")
    return text.replace("s3:GetObject", "s3:GetObjectVersion") if versioned else text
