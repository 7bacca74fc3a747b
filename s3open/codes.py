"""S3's error codes, each with its HTTP status: the table that `coded` makes classes of.

What a code is, as an error, follows from its status, unless `_MEANINGS` has it
otherwise. The statuses are those of the documentation, but for what is marked.
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import errno
from typing import Final, NamedTuple

from s3open import errors


class Meaning(NamedTuple):
    """What an answer is as an error: its *kind*, and what to do about it."""

    kind: type[errors.S3Error]
    advice: str = ""


# By HTTP status; other ones are S3ServerError from 500 on, and S3Error.
OF_STATUS: Final[dict[int, Meaning]] = {
    301: Meaning(
        errors.S3PermissionError,
        "the bucket is in another region or at another endpoint: set the region",
    ),
    304: Meaning(errors.NotModifiedError, "it has not changed"),
    400: Meaning(errors.S3InvalidArgumentError),
    401: Meaning(errors.S3PermissionError),
    403: Meaning(errors.S3PermissionError),
    404: Meaning(errors.S3FileNotFoundError),
    408: Meaning(errors.S3TimeoutError),
    409: Meaning(errors.S3Error),
    412: Meaning(errors.ObjectChangedError),
    429: Meaning(errors.S3TimeoutError, "the store asked to slow down"),
    501: Meaning(errors.S3Error, "the store does not know how to do this"),
    503: Meaning(errors.S3TimeoutError, "the store is overloaded"),
}

_DENIED = errors.S3PermissionError
_EXPIRED = Meaning(_DENIED, "the session token has expired: log in again")
_SLOWER = Meaning(errors.S3TimeoutError, "the store asked to slow down")
_DAMAGED = Meaning(errors.IntegrityError, "the data was damaged on its way")
_NO_ACLS = (
    "access control lists are disabled on the bucket, as on all new ones since April "
    "2023: use a bucket policy or a signed URL, or enable them by its ownership setting"
)

# Codes that mean something else than their status says, or that need advice.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
_NO_TARGET: Final = (
    "the logs have to go to a bucket of the same account and region, whose policy lets "
    "logging.s3.amazonaws.com put objects there"
)

_MEANINGS: Final[dict[str, Meaning]] = {
    "AccessControlListNotSupported": Meaning(errors.S3InvalidArgumentError, _NO_ACLS),
    "InvalidBucketAclWithObjectOwnership": Meaning(
        errors.S3InvalidArgumentError, _NO_ACLS
    ),
    "InvalidTargetBucketForLogging": Meaning(errors.S3InvalidArgumentError, _NO_TARGET),
    "UnresolvableGrantByEmailAddress": Meaning(
        errors.S3InvalidArgumentError,
        "the store knows nobody of this e-mail address: grant it to a canonical id",
    ),
    "NoSuchBucket": Meaning(
        errors.S3FileNotFoundError,
        "the bucket does not exist: check its name, or create it first",
    ),
    "NoSuchVersion": Meaning(
        errors.S3FileNotFoundError, "there is no such version of it"
    ),
    "NoSuchUpload": Meaning(errors.S3FileNotFoundError, "the multipart upload is gone"),
    "BucketAlreadyExists": Meaning(
        errors.S3FileExistsError, "the bucket belongs to someone else"
    ),
    "BucketAlreadyOwnedByYou": Meaning(
        errors.S3FileExistsError, "the bucket is yours already"
    ),
    "BucketNotEmpty": Meaning(
        errors.S3Error, "there are objects, versions or delete markers in the bucket"
    ),
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "InvalidToken": Meaning(_DENIED, "the session token is not valid: log in again"),
    "InvalidAccessKeyId": Meaning(
        _DENIED,
        "the store does not know this access key: check the credentials and endpoint",
    ),
    "SignatureDoesNotMatch": Meaning(
        _DENIED, "the secret key does not fit the access key"
    ),
    "RequestTimeTooSkewed": Meaning(
        _DENIED, "this machine's clock is more than 15 minutes off"
    ),
    "InvalidObjectState": Meaning(
        _DENIED,
        "the object is archived: unarchive() has the store restore a copy of it",
    ),
    "AllAccessDisabled": Meaning(_DENIED, "all access to it was disabled"),
    "AccountProblem": Meaning(_DENIED, "the AWS account has a problem"),
    "AuthorizationHeaderMalformed": Meaning(
        _DENIED,
        "the request was signed for another region than the bucket's: set the region",
    ),
    "IllegalLocationConstraintException": Meaning(
        _DENIED, "the bucket is in another region: set the region"
    ),
    "InvalidBucketName": Meaning(
        errors.S3InvalidArgumentError, "this is not a valid bucket name"
    ),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
    "KeyTooLongError": Meaning(
        errors.S3InvalidArgumentError, "a key has at most 1,024 bytes of UTF-8"
    ),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
    "MetadataTooLarge": Meaning(
        errors.S3InvalidArgumentError,
        "user metadata has at most 2 KB, names and values together",
    ),
    "EntityTooLarge": Meaning(
        errors.S3InvalidArgumentError, "it is larger than the store allows"
    ),
    "RequestTimeout": Meaning(errors.S3TimeoutError),
    "SlowDown": _SLOWER,
    "Throttling": _SLOWER,
    "ThrottlingException": _SLOWER,
    "RequestLimitExceeded": _SLOWER,
    "BadDigest": _DAMAGED,
    "XAmzContentSHA256Mismatch": _DAMAGED,
    "XAmzContentChecksumMismatch": _DAMAGED,
}

# However a store dresses it up; 429 and 503 say so by themselves.
SLOWER: Final = frozenset(code for code, why in _MEANINGS.items() if why is _SLOWER)

# Where errno says more than that something went wrong.
_ERRNO: Final = {"BucketNotEmpty": errno.ENOTEMPTY}

# Most are about SQL expressions, of SelectObjectContent; and some are what services
# beside S3 say through it (KMS), or its sessions (STS).
_CODES: Final = {
    301: "PermanentRedirect PermanentRedirectControlError",
    304: "NotModified",
    307: "Redirect TemporaryRedirect",
    400: """
        AccessControlListNotSupported AmbiguousFieldName AmbiguousGrantByEmailAddress
        AuthorizationHeaderMalformed AuthorizationQueryParametersError BadDigest
        BadRequest BucketHasAccessPointsAttached CSVEscapingRecordDelimiter
        CSVParsingError CSVUnescapedQuote CastFailed ColumnTooLong
        ConnectionClosedByRequester CredentialsNotSupported DeviceNotActiveError
        EmptyRequestBody EncryptionTypeMismatch EndpointNotFound EntityTooLarge
        EntityTooSmall EvaluatorBindingDoesNotExist EvaluatorInvalidArguments
        EvaluatorInvalidTimestampFormatPattern
        EvaluatorInvalidTimestampFormatPatternSymbol
        EvaluatorInvalidTimestampFormatPatternSymbolForParsing
        EvaluatorInvalidTimestampFormatPatternToken
        EvaluatorLikePatternInvalidEscapeSequence EvaluatorNegativeLimit
        EvaluatorTimestampFormatPatternDuplicateFields
        EvaluatorTimestampFormatPatternHourClockAmPmMismatch
        EvaluatorUnterminatedTimestampFormatPatternToken ExpiredToken
        ExpiredTokenException ExpressionTooLong ExternalEvalException
        IdempotencyParameterMismatch IllegalLocationConstraintException
        IllegalSqlFunctionArgument IllegalVersioningConfigurationException
        IncompleteBody IncorrectEndpoint IncorrectNumberOfFilesInPostRequest
        IncorrectSqlFunctionArgumentType InlineDataTooLarge IntegerOverflow
        InvalidAccessPoint InvalidAccessPointAliasError InvalidAddressingHeader
        InvalidArgument InvalidBucketAclWithObjectOwnership InvalidBucketName
        InvalidBucketOwnerAWSAccountID InvalidCast InvalidColumnIndex
        InvalidCompressionFormat InvalidDataSource InvalidDataType InvalidDigest
        InvalidEncryptionAlgorithmError InvalidExpressionType InvalidFileHeaderInfo
        InvalidHostHeader InvalidHttpMethod InvalidJsonType InvalidKeyPath
        InvalidLocationConstraint InvalidPart InvalidPartOrder InvalidPolicyDocument
        InvalidQuoteFields InvalidRequest InvalidRequestParameter InvalidSOAPRequest
        InvalidScanRange InvalidSessionException InvalidSignature InvalidStorageClass
        InvalidTableAlias InvalidTag InvalidTargetBucketForLogging InvalidTextEncoding
        InvalidToken InvalidURI InvalidWriteOffset JSONParsingError
        KMS.DisabledException KMS.InvalidKeyUsageException KMS.KMSInvalidStateException
        KMS.NotFoundException KeyTooLongError LexerInvalidChar LexerInvalidIONLiteral
        LexerInvalidLiteral LexerInvalidOperator LikeInvalidInputs MalformedACLError
        MalformedPOSTRequest MalformedPolicy MalformedXML MaxMessageLengthExceeded
        MaxOperatorsExceeded MaxPostPreDataLengthExceededError MetadataTooLarge
        MissingAttachment MissingRequestBodyError MissingRequiredParameter
        MissingSecurityElement MissingSecurityHeader MultipleDataSourcesUnsupported
        NoLoggingStatusForKey NotDeviceOwnerError NumberFormatError
        ObjectSerializationConflict OverMaxColumn OverMaxParquetBlockSize
        OverMaxRecordSize ParquetParsingError ParquetUnsupportedCompressionCodec
        ParseAsteriskIsNotAloneInSelectList ParseCannotMixSqbAndWildcardInSelectList
        ParseCastArity ParseEmptySelect ParseExpected2TokenTypes
        ParseExpectedArgumentDelimiter ParseExpectedDatePart ParseExpectedExpression
        ParseExpectedIdentForAlias ParseExpectedIdentForAt
        ParseExpectedIdentForGroupName ParseExpectedKeyword
        ParseExpectedLeftParenAfterCast ParseExpectedLeftParenBuiltinFunctionCall
        ParseExpectedLeftParenValueConstructor ParseExpectedMember ParseExpectedNumber
        ParseExpectedRightParenBuiltinFunctionCall ParseExpectedTokenType
        ParseExpectedTypeName ParseExpectedWhenClause
        ParseInvalidContextForWildcardInSelectList ParseInvalidPathComponent
        ParseInvalidTypeParam ParseMalformedJoin ParseMissingIdentAfterAt
        ParseNonUnaryAgregateFunctionCall ParseSelectMissingFrom ParseUnExpectedKeyword
        ParseUnexpectedOperator ParseUnexpectedTerm ParseUnexpectedToken
        ParseUnknownOperator ParseUnsupportedAlias ParseUnsupportedCallWithStar
        ParseUnsupportedCase ParseUnsupportedCaseClause ParseUnsupportedLiteralsGroupBy
        ParseUnsupportedSelect ParseUnsupportedSyntax ParseUnsupportedToken
        RequestHeaderSectionTooLarge RequestIsNotMultiPartContent RequestTimeout
        RequestTorrentOfBucketError ResponseInterrupted TagPolicyException Throttling
        ThrottlingException TokenCodeInvalidError TokenRefreshRequired
        TooManyAccessPoints TooManyBuckets TooManyMultiRegionAccessPointregionsError
        TooManyMultiRegionAccessPoints TooManyParts TooManyTags TruncatedInput
        UnexpectedContent UnrecognizedFormatException UnresolvableGrantByEmailAddress
        UnsupportedArgument UnsupportedFunction UnsupportedParquetType
        UnsupportedRangeHeader UnsupportedScanRangeInput UnsupportedSignature
        UnsupportedSqlOperation UnsupportedSqlStructure UnsupportedStorageClass
        UnsupportedSyntax UnsupportedTypeForQuerying UserKeyMustBeSpecified
        ValueParseFailure XAmzContentChecksumMismatch XAmzContentSHA256Mismatch
    """,
    401: "UnauthorizedAccess",
    403: """
        AccessDenied AccountProblem AllAccessDisabled CrossLocationLoggingProhibited
        InvalidAccessKeyId InvalidObjectState InvalidPayer InvalidRegion InvalidSecurity
        MissingAuthenticationToken NotSignedUp ObjectAlreadyInActiveTierError
        ObjectNotInActiveTierError RequestTimeTooSkewed SignatureDoesNotMatch
        UnauthorizedAccessError UnexpectedIPError
    """,
    # The last one is a 400 there, but S3 and all others answer 404.
    404: """
        NoSuchAccessPoint NoSuchAsyncRequest NoSuchBucket NoSuchBucketPolicy
        NoSuchCORSConfiguration NoSuchKey NoSuchLifecycleConfiguration
        NoSuchMultiRegionAccessPoint NoSuchObjectLockConfiguration
        NoSuchPublicAccessBlockConfiguration NoSuchResource NoSuchTagSet NoSuchUpload
        NoSuchVersion NoSuchWebsiteConfiguration NoTransformationDefined
        ObjectLockConfigurationNotFoundError OwnershipControlsNotFoundError
        ReplicationConfigurationNotFoundError
        ServerSideEncryptionConfigurationNotFoundError
    """,
    405: "MethodNotAllowed",
    409: """
        AccessPointAlreadyOwnedByYou BucketAlreadyExists BucketAlreadyOwnedByYou
        BucketNotEmpty ClientTokenConflict ConditionalRequestConflict InvalidBucketState
        OperationAborted RestoreAlreadyInProgress
    """,
    411: "MissingContentLength",
    412: "PreconditionFailed",
    416: "InvalidPartNumber InvalidRange",
    500: "InternalError",
    501: "NotImplemented",
    503: "Busy RequestLimitExceeded ServiceUnavailable SlowDown",
}

STATUS: Final = {
    code: status for status, codes in _CODES.items() for code in codes.split()
}

# By the name of their class: some codes have a dot.
CODES: Final = {code.replace(".", ""): code for code in STATUS}


def meaning(code: str, status: int) -> Meaning:
    """Return what S3's *code* means, or only the *status* if it is not known."""
    found = _MEANINGS.get(code) or OF_STATUS.get(STATUS.get(code, status))
    if found is not None:
        return found
    return Meaning(errors.S3ServerError if status >= 500 else errors.S3Error)


def number(code: str) -> int:
    """Return the errno of *code*, which is one of the table."""
    return _ERRNO.get(code, meaning(code, STATUS[code]).kind.errno_default)
