"""Objects that come as a browser's form (PostObject).

The form says whose it is, and what may be in it. What it brings is put as any other
object is.
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

from __future__ import annotations

import base64
import json
import re
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from s3open.testing.documents import element, group
from s3open.testing.errors import RefusalError
from s3open.testing.intake import Intake
from s3open.testing.objects import put_object
from s3open.testing.permissions import admit_form
from s3open.testing.request import Answer, Request
from s3open.testing.signature import signature_of_form

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.testing.state import State

# https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
MAX_FIELDS: Final = 20_000

_BOUNDARY: Final = re.compile(
    r'multipart/form-data;.*boundary="?([^";]+)"?', re.IGNORECASE
)
_NAME: Final = re.compile(r'\bname="([^"]*)"')
_FILENAME: Final = re.compile(r'\bfilename="(?:[^"]*[/\\])?([^"]*)"')
# What no condition has to allow.
_FREE: Final = frozenset({"file", "policy", "x-amz-signature", "bucket"})
_HEADERS: Final = ("content-", "cache-control", "expires", "x-amz-")
_SIGNATURE: Final = frozenset(
    {
        *("x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"),
        "x-amz-security-token",
    }
)
_STATUSES: Final = {"200": 200, "201": 201}


class _Form(NamedTuple):
    """The fields before the file, by their names in lower case, and the file."""

    fields: dict[str, str]
    filename: str
    data: bytes


def post_object(state: State, request: Request) -> Answer:
    form = _parsed(request)
    fields = form.fields
    key = fields.get("key", "").replace("${filename}", form.filename)
    if not key:
        raise RefusalError(
            "InvalidArgument", "Bucket POST must contain a field named 'key'."
        )
    inner = _put(request, fields, key)
    policy = fields.get("policy")
    signature = None if policy is None else signature_of_form(fields)
    admit_form(state, inner, signature, policy or "")
    if policy is not None:
        given = {**fields, "key": key, "bucket": request.bucket}
        _require_allowed(policy, given, len(form.data))
    intake = Intake(state, inner, len(form.data))
    if form.data:
        intake.room()[: len(form.data)] = form.data
        intake.received(len(form.data))
    inner.body = intake.finish(None)
    return _thanked(inner, fields, put_object(state, inner))


def _put(request: Request, fields: dict[str, str], key: str) -> Request:
    """Return the PUT that the form stands for, without its body."""
    headers = {
        name: value
        for name, value in fields.items()
        if name.startswith(_HEADERS) and name not in _SIGNATURE
    }
    if "acl" in fields:
        headers["x-amz-acl"] = fields["acl"]
    inner = Request("PUT", request.path, [], headers, ignored=request.ignored)
    inner.bucket, inner.key, inner.operation = request.bucket, key, "PutObject"
    return inner


def _parsed(request: Request) -> _Form:
    boundary = _BOUNDARY.match(request.headers.get("content-type", ""))
    if boundary is None:
        raise RefusalError(
            "PreconditionFailed",
            "Bucket POST must be of the enclosure-type multipart/form-data",
        )
    body = b"\r\n" + bytes(request.body.content)
    fields: dict[str, str] = {}
    size = 0
    for part in body.split(b"\r\n--" + boundary[1].encode())[1:]:
        head, _, content = part.partition(b"\r\n\r\n")
        text = _text(head)
        name = _NAME.search(text)
        if name is None:
            break
        if name[1].lower() == "file":
            filename = _FILENAME.search(text)
            return _Form(fields, filename[1] if filename else "", content)
        size += len(part)
        if size > MAX_FIELDS:
            raise RefusalError("MaxPostPreDataLengthExceededError")
        fields[name[1].lower()] = _text(content)
    raise RefusalError("IncorrectNumberOfFilesInPostRequest")


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise RefusalError("MalformedPOSTRequest") from None


def _require_allowed(policy: str, given: dict[str, str], size: int) -> None:
    """Refuse what the *policy* of the form does not allow of what is *given*."""
    left = given.keys() - _FREE
    for condition in _conditions(policy):
        try:
            kind, name, value = _triple(condition)
            if kind == "content-length-range":
                _require_size(size, int(name), int(value))
                continue
            wanted, name = str(value), name.removeprefix("$").lower()
        except (AttributeError, TypeError, ValueError):
            raise RefusalError("InvalidPolicyDocument") from None
        found = given.get(name, "")
        if not (found.startswith(wanted) if kind == "starts-with" else found == wanted):
            raise _forbidden(f"Policy Condition failed: {json.dumps(condition)}")
        left -= {name}
    unknown = sorted(name for name in left if not name.startswith("x-ignore-"))
    if unknown:
        raise _forbidden(f"Extra input fields: {', '.join(unknown)}")


def _conditions(policy: str) -> list[Any]:
    """Return the conditions of a *policy* that has not expired."""
    try:
        document = json.loads(base64.b64decode(policy))
        ends = datetime.fromisoformat(document["expiration"].replace("Z", "+00:00"))
        conditions = list(document["conditions"])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise RefusalError("InvalidPolicyDocument") from None
    if time.time() > ends.timestamp():
        raise _forbidden("Policy expired.")
    return conditions


def _triple(condition: Any) -> tuple[Any, Any, Any]:
    """Return kind, field and value; ValueError for what is no condition."""
    if isinstance(condition, dict):
        ((name, value),) = condition.items()
        return "eq", name, value
    kind, name, value = condition
    if kind not in {"eq", "starts-with", "content-length-range"}:
        raise ValueError(kind)
    return kind, name, value


def _require_size(size: int, least: int, most: int) -> None:
    if size < least:
        raise RefusalError(
            "EntityTooSmall",
            elements={"ProposedSize": str(size), "MinSizeAllowed": str(least)},
        )
    if size > most:
        raise RefusalError(
            "EntityTooLarge",
            elements={"ProposedSize": str(size), "MaxSizeAllowed": str(most)},
        )


def _thanked(inner: Request, fields: dict[str, str], answer: Answer) -> Answer:
    """Return the *answer* to the PUT in the way that the form asks for."""
    redirect = fields.get("success_action_redirect", fields.get("redirect"))
    told = {"bucket": inner.bucket, "key": inner.key, "etag": answer.headers["ETag"]}
    if redirect:
        more = "&" if "?" in redirect else "?"
        location = redirect + more + urlencode(told, quote_via=quote)
        return Answer(303, {**answer.headers, "Location": location})
    location = f"/{quote(inner.bucket)}/{quote(inner.key)}"
    headers = {**answer.headers, "Location": location}
    status = _STATUSES.get(fields.get("success_action_status", ""), 204)
    if status != 201:
        return Answer(status, headers)
    document = group(
        "PostResponse",
        element("Location", location),
        element("Bucket", inner.bucket),
        element("Key", inner.key),
        element("ETag", told["etag"]),
    )
    headers["Content-Type"] = "application/xml"
    return Answer(201, headers, document.encode())


def _forbidden(why: str) -> RefusalError:
    return RefusalError("AccessDenied", f"Invalid according to Policy: {why}")


# What `routing` has, too: the operations on buckets and objects, by method and
# subresource.
BUCKET: Final[dict[str, str]] = {"POST": "PostObject"}
OBJECT: Final[dict[str, str]] = {}

OPERATIONS: Final[dict[str, Callable[[State, Request], Answer]]] = {
    "PostObject": post_object
}
