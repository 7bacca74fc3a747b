"""Objects that come as a browser's form (PostObject).

The form says whose it is, and what may be in it. What it brings is put as any other
object is.
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

import base64
import hmac
import json
import re
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from s3open.testing.documents import element, group
from s3open.testing.errors import RefusalError
from s3open.testing.intake import Intake
from s3open.testing.objects import put_object
from s3open.testing.request import Answer, Request
from s3open.testing.rights import require
from s3open.testing.signature import ALGORITHM, Signature

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing.state import State

_BOUNDARY: Final = re.compile(
    r'multipart/form-data;.*boundary="?([^";]+)"?', re.IGNORECASE
)
_NAME: Final = re.compile(r'\bname="([^"]*)"')
_FILENAME: Final = re.compile(r'\bfilename="(?:[^"]*[/\\])?([^"]*)"')
# What no condition has to allow.
_FREE: Final = frozenset({"file", "policy", "x-amz-signature"})
_HEADERS: Final = ("content-", "cache-control", "expires", "x-amz-")
_SIGNATURE: Final = frozenset(
    {
        *("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"),
        "x-amz-security-token",
    }
)


def post_object(state: State, request: Request) -> Answer:
    fields, filename, data = _parsed(request)
    key = fields.get("key", "").replace("${filename}", filename)
    if not key:
        raise _malformed("Bucket POST must contain a field named 'key'.")
    owner = _signed_by(state, fields) if "policy" in fields else ""
    if owner:
        _require_allowed(request, {**fields, "key": key}, len(data))
    headers = {
        name: value
        for name, value in fields.items()
        if name.startswith(_HEADERS) and name not in _SIGNATURE
    }
    if "acl" in fields:
        headers["x-amz-acl"] = fields["acl"]
    inner = Request("PUT", request.path, [], headers)
    inner.bucket, inner.key, inner.operation = request.bucket, key, "PutObject"
    inner.owner = owner
    require(state, inner)
    intake = Intake(state, inner, len(data))
    if data:
        intake.room()[: len(data)] = data
        intake.received(len(data))
    inner.body = intake.finish(None)
    return _thanked(request, fields, key, put_object(state, inner))


def _parsed(request: Request) -> tuple[dict[str, str], str, bytes]:
    """Return the fields before the file, in lower case, its name and its bytes."""
    boundary = _BOUNDARY.match(request.headers.get("content-type", ""))
    if boundary is None:
        raise RefusalError("PreconditionFailed", "it has to be multipart/form-data")
    body = b"\r\n" + bytes(request.body.content)
    fields: dict[str, str] = {}
    for part in body.split(b"\r\n--" + boundary[1].encode())[1:]:
        head, _, content = part.partition(b"\r\n\r\n")
        text = head.decode()
        name = _NAME.search(text)
        if name is None:
            break
        if name[1].lower() == "file":
            filename = _FILENAME.search(text)
            return fields, filename[1] if filename else "", content
        fields[name[1].lower()] = content.decode()
    raise _malformed("POST requires exactly one file upload per request.")


def _signed_by(state: State, fields: dict[str, str]) -> str:
    """Return whose form it is; refused unless it was signed."""
    scope = fields.get("x-amz-credential", "").rsplit("/", 4)
    credential = state.credentials.get(scope[0])
    if len(scope) != 5 or fields.get("x-amz-algorithm") != ALGORITHM:
        raise RefusalError("AccessDenied")
    if credential is None:
        raise RefusalError("InvalidAccessKeyId")
    if fields.get("x-amz-security-token") != credential.session_token:
        raise RefusalError("InvalidToken")
    signature = Signature(
        scope[0],
        scope[1],
        scope[2],
        fields.get("x-amz-date", ""),
        "",
        fields.get("x-amz-signature", ""),
        "",
        None,
    )
    expected = signature.sign(credential, fields["policy"])
    if not hmac.compare_digest(expected, signature.value):
        raise RefusalError("SignatureDoesNotMatch")
    return credential.owner


def _require_allowed(request: Request, fields: dict[str, str], size: int) -> None:
    """Refuse what the policy of the form does not allow."""
    try:
        policy = json.loads(base64.b64decode(fields["policy"]))
        ends = datetime.fromisoformat(policy["expiration"].replace("Z", "+00:00"))
        conditions: list[Any] = policy["conditions"]
    except (ValueError, KeyError, TypeError):
        raise RefusalError("InvalidPolicyDocument") from None
    if time.time() > ends.timestamp():
        raise _forbidden("Policy expired.")
    given = {**fields, "bucket": request.bucket}
    left = given.keys() - _FREE
    for condition in conditions:
        if isinstance(condition, dict):
            [(name, value)] = condition.items()
            kind = "eq"
        else:
            kind, name, value = condition
        if kind == "content-length-range":
            if size < int(name):
                raise RefusalError("EntityTooSmall")
            if size > int(value):
                raise RefusalError("EntityTooLarge")
            continue
        name = name.removeprefix("$").lower()
        found = given.get(name, "")
        if not (found.startswith(value) if kind == "starts-with" else found == value):
            raise _forbidden(f"Policy Condition failed: {json.dumps(condition)}")
        left -= {name}
    unknown = sorted(name for name in left if not name.startswith("x-ignore-"))
    if unknown and unknown != ["bucket"]:
        raise _forbidden(f"Extra input fields: {', '.join(unknown)}")


def _thanked(
    request: Request, fields: dict[str, str], key: str, answer: Answer
) -> Answer:
    redirect = fields.get("success_action_redirect")
    if redirect is not None:
        return Answer(303, {**answer.headers, "Location": redirect})
    status = fields.get("success_action_status")
    if status == "201":
        document = group(
            "PostResponse",
            element("Location", f"/{request.bucket}/{key}"),
            element("Bucket", request.bucket),
            element("Key", key),
            element("ETag", answer.headers["ETag"]),
        )
        return Answer(201, answer.headers, document.encode())
    return Answer(200 if status == "200" else 204, answer.headers)


def _forbidden(why: str) -> RefusalError:
    return RefusalError("AccessDenied", f"Invalid according to Policy: {why}")


def _malformed(why: str) -> RefusalError:
    return RefusalError("MalformedPOSTRequest", why)


# What `routing` has, too: the operations on buckets and objects, by method and
# subresource.
BUCKET: Final[dict[str, str]] = {"POST": "PostObject"}
OBJECT: Final[dict[str, str]] = {}

OPERATIONS: Final[dict[str, Callable[[State, Request], Answer]]] = {
    "PostObject": post_object
}
