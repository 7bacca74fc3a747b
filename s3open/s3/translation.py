"""What botocore raises, as ours."""

from __future__ import annotations

from typing import Any, NoReturn

from s3open import errors
from s3open.answered import answered

# botocore has no common class for these, and older versions lack some of them.
NO_CREDENTIALS = {
    "NoCredentialsError",
    "PartialCredentialsError",
    "CredentialRetrievalError",
    "NoAuthTokenError",
    "TokenRetrievalError",
    "SSOTokenLoadError",
    "UnauthorizedSSOTokenError",
    "LoginRefreshRequired",
    "LoginTokenLoadError",
}


def translated(
    error: Exception,
    uri: str,
    *,
    operation: str = "",
    versioned: bool = False,
    denied: str = "",
) -> errors.S3Error | None:
    """Return botocore's *error* as ours, None if it is not botocore's.

    *operation* is S3's name of what it answers, which was *versioned* if it named a
    version; *denied* is the advice for a 403.
    """
    from botocore import exceptions as boto

    if isinstance(error, boto.ClientError):
        answer = error.response
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code = answer["Error"].get("Code", "")
        return answered(
            code,
            status,
            uri,
            answer,
            operation=operation,
            versioned=versioned,
            denied=denied,
        )
    if type(error).__name__ in NO_CREDENTIALS:
        return without_credentials(error, uri)
    if type(error).__name__ == "ResponseParserError":
        # Its text quotes the answer, which may be the object itself.
        return errors.S3ServerError.at(uri, "the answer is incomplete")
    kinds: list[tuple[Any, type[errors.S3Error]]] = [
        (
            (boto.ConnectTimeoutError, boto.ReadTimeoutError, TimeoutError),
            errors.S3TimeoutError,
        ),
        ((boto.ConnectionError, boto.HTTPClientError), errors.S3ConnectionError),
        (boto.ParamValidationError, errors.S3InvalidArgumentError),
        (boto.BotoCoreError, errors.S3Error),
    ]
    for classes, kind in kinds:
        if isinstance(error, classes):
            ours = kind.at(uri, str(error))
            if isinstance(
                error, (boto.EndpointConnectionError, boto.ConnectTimeoutError)
            ):
                # No connection, so nothing was sent.
                ours.unreachable, ours.ambiguous = True, False
            return ours
    return None


def without_credentials(error: Exception, uri: str) -> errors.S3Error:
    return errors.S3PermissionError.at(
        uri,
        f"no credentials: {error}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
        "or a profile, or anonymous=True",
    )


def broken(error: Exception, uri: str) -> errors.S3Error:
    """Return the error for a body that broke off; urllib3 has a dozen of its own."""
    late = "Timeout" in type(error).__name__
    kind = errors.S3TimeoutError if late else errors.S3ConnectionError
    return kind.at(uri, str(error))


def raise_as_ours(error: Exception, uri: str) -> NoReturn:
    """Raise what botocore raised when it was asked, as ours if we have a word for it.

    Called while *error* is handled.
    """
    if isinstance(error, errors.S3Error):
        raise error
    ours: Exception | None = translated(error, uri)
    if isinstance(error, ValueError):
        ours = errors.S3InvalidArgumentError.at(uri, str(error))
    if ours is None:
        raise error
    raise ours from error
