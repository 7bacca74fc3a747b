"""Whether a request may be done at all; asked before its body is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open.testing.chunked import STREAMING, ChunkSigner
from s3open.testing.errors import RefusalError
from s3open.testing.rights import require
from s3open.testing.signature import signature_of, verify, verify_form
from s3open.testing.store import OWNER

if TYPE_CHECKING:
    from s3open.testing.request import Request
    from s3open.testing.signature import Signature
    from s3open.testing.state import State
    from s3open.testing.store import Bucket


def admit(state: State, request: Request) -> ChunkSigner | None:
    """Refuse strangers and what was denied; return what checks signed chunks."""
    bucket = state.store.buckets.get(request.bucket)
    signature = signature_of(request)
    signer = None
    if request.operation == "PostObject":
        # Its form says whose it is; see `admit_form`.
        return None
    if signature is None:
        _require_anonymous(state, request, bucket)
    else:
        _require_region(state, request, signature, bucket)
        credential = verify(request, signature, state.credentials)
        request.owner = credential.owner
        if signature.payload in STREAMING and "HMAC" in signature.payload:
            signer = ChunkSigner(signature, credential)
    require(state, request)
    _require_not_denied(state, request)
    return signer


def admit_form(
    state: State, put: Request, signature: Signature | None, policy: str
) -> None:
    """Do as `admit` does with the *put* that a form stands for.

    What is signed of a form is its *policy*.
    """
    bucket = state.store.bucket(put.bucket)
    if signature is None:
        _require_anonymous(state, put, bucket)
    else:
        _require_region(state, put, signature, bucket)
        put.owner = verify_form(signature, policy, state.credentials).owner
    require(state, put)
    _require_not_denied(state, put)


def _require_not_denied(state: State, request: Request) -> None:
    for denial in state.denials:
        if denial.matches(request.operation, request.bucket, request.key):
            raise RefusalError("AccessDenied")


def _require_anonymous(state: State, request: Request, bucket: Bucket | None) -> None:
    if state.settings.anonymous or (bucket is not None and bucket.anonymous):
        # Whoever comes may do what the owner may.
        request.owner = bucket.owner if bucket else OWNER
    require(state, request)
    if bucket is not None and bucket.region != state.settings.region:
        raise RefusalError(
            "PermanentRedirect",
            headers={"x-amz-bucket-region": bucket.region},
            elements={
                "Endpoint": f"{bucket.name}.s3.{bucket.region}.amazonaws.com",
                "Bucket": bucket.name,
            },
        )


def _require_region(
    state: State, request: Request, signature: Signature, bucket: Bucket | None
) -> None:
    expected = bucket.region if bucket else state.settings.region
    if signature.region == expected:
        return
    wrong = f"the region '{signature.region}' is wrong; expecting '{expected}'"
    code, message = (
        (
            "AuthorizationQueryParametersError",
            f"Error parsing the X-Amz-Credential parameter; {wrong}",
        )
        if request.presigned
        else (
            "AuthorizationHeaderMalformed",
            f"The authorization header is malformed; {wrong}",
        )
    )
    headers = {"x-amz-bucket-region": expected} if bucket else {}
    raise RefusalError(code, message, headers=headers, elements={"Region": expected})
