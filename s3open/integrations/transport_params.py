"""smart_open's ``transport_params`` for S3, with the meaning that they have there.

What says how a store is reached, which version is read or what an object is given is
done. What steers how smart_open itself reads and writes (its buffers, when it asks) is
checked and has no effect: here other things decide that, and no byte depends on it.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from s3open.config import DEFAULT, MAX_PART_SIZE, Config
from s3open.integrations import storage_options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3open.files import Mode

__all__ = ["NAMES", "applied", "parsed"]

_CALL = "S3.Client"
_GET = f"{_CALL}.get_object"
_PUT = f"{_CALL}.put_object"
_CREATE = f"{_CALL}.create_multipart_upload"
_COMPLETE = f"{_CALL}.complete_multipart_upload"
# Those that smart_open makes, or made, beside these.
_BESIDE = tuple(
    f"{_CALL}.{name}"
    for name in ("upload_part", "abort_multipart_upload", "head_bucket", "head_object")
)
_CALLS = (_CALL, _GET, _PUT, _CREATE, _COMPLETE, *_BESIDE)

# By what versions before 5.0 called them.
_FORMER = {
    "resource_kwargs": _CALL,
    "object_kwargs": _GET,
    "singlepart_upload_kwargs": _PUT,
    "multipart_upload_kwargs": _CREATE,
}
NAMES = frozenset(
    (
        *("client", "client_kwargs", "session", "resource", *_FORMER),
        *("version_id", "multipart_upload", "min_part_size"),
        *("buffer_size", "defer_seek", "range_chunk_size", "writebuffer"),
    )
)

_CONDITIONS = {
    "IfMatch": "if_match",
    "IfNoneMatch": "if_none_match",
    "IfModifiedSince": "if_modified_since",
    "IfUnmodifiedSince": "if_unmodified_since",
}
# What every call may say.
_ALWAYS = ("RequestPayer", "ExpectedBucketOwner")
_CUSTOMER_KEY = ("SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5")
# s3open takes and compares checksums by itself, and a file has no response headers.
_CHECKSUMS = ("ChecksumMode", "ChecksumAlgorithm", "ChecksumType")
_WITHOUT_EFFECT = (
    *_CHECKSUMS,
    *(
        f"Response{name}"
        for name in (
            *("CacheControl", "ContentDisposition", "ContentEncoding"),
            *("ContentLanguage", "ContentType", "Expires"),
        )
    ),
)


def applied(
    options: Mapping[str, Any],
    mode: Mode,
    config: Config | None,
    params: Mapping[str, Any] | None,
    stored: Mapping[str, Any] | None,
) -> tuple[Config, dict[str, Any]]:
    """Return the `Config` and the options of `open` for all that one call has given.

    Args:
        options: those of `open`, which may not say what the others say, too.
        mode: of the file.
        config: excludes *stored*.
        params: smart_open's ``transport_params``; see `parsed`.
        stored: fsspec's ``storage_options``.

    Raises:
        TypeError: for a name that there is not, or a value of another type.
        ValueError: for what cannot be, before any request.
    """
    found: dict[str, Any] = {}
    if stored is not None:
        _check_mapping("storage_options", stored)
        if config is not None:
            raise ValueError("config and storage_options exclude each other")
        config, found = storage_options.parsed(stored)
    if params is not None:
        config, more = parsed(params, mode, config or DEFAULT)
        _check_apart(found, more)
        found |= more
    given = {name: value for name, value in options.items() if value is not None}
    _check_apart(given, found)
    return config or DEFAULT, {**options, **found}


def _check_apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    both = sorted(one.keys() & other.keys())
    if both:
        raise ValueError(f"{', '.join(both)}: said by two arguments of open()")


def parsed(
    params: Mapping[str, Any], mode: Mode, config: Config = DEFAULT
) -> tuple[Config, dict[str, Any]]:
    """Return *config* with what *params* say, and the options of `open` they stand for.

    Args:
        params: ``client``; ``client_kwargs``, of which ``S3.Client`` is arguments of
            the client, and ``S3.Client.get_object``, ``.put_object``,
            ``.create_multipart_upload`` and ``.complete_multipart_upload`` what these
            calls say besides; ``version_id``; ``multipart_upload``, where False is one
            request for up to 5 GiB; ``min_part_size``, 5 MiB to 5 GiB. Of versions
            before 5.0 ``session``, ``resource``, ``resource_kwargs``,
            ``object_kwargs``, ``singlepart_upload_kwargs`` and
            ``multipart_upload_kwargs``. Of no effect: ``buffer_size``, ``defer_seek``,
            ``range_chunk_size``, ``writebuffer``.
        mode: of the file. As with smart_open, what is about reading has no effect on
            writing, and the other way round, but for ``version_id``.
        config: what is not told otherwise.

    Raises:
        TypeError: for a name that is none of these, or a value of another type.
        ValueError: for what cannot be, or cannot be done here.
    """
    _check_mapping("transport_params", params)
    for name in params:
        if name not in NAMES:
            raise TypeError(f"unknown transport parameter {name!r}")
    given = {name: value for name, value in params.items() if value is not None}
    _check_steering(given)
    calls = _calls(given)
    said, options = _said(calls, given, mode)
    found = storage_options.read(
        {
            "client_kwargs": calls.get(_CALL, {}),
            "s3_additional_kwargs": said,
            "session": given.get("session"),
        }
    )
    _check_apart(options, found.writing)
    config = _over(config, found.config, _client(given, calls), given)
    return config, {**options, **found.writing}


def _check_mapping(name: str, value: object) -> None:
    if not hasattr(value, "keys"):
        raise TypeError(f"{name} has to be a mapping, not {type(value).__name__}")


def _check_steering(given: Mapping[str, Any]) -> None:
    """Raise for what steers smart_open only, if it could not."""
    for name in ("multipart_upload", "defer_seek"):
        if not isinstance(given.get(name, False), bool):
            raise TypeError(f"{name} has to be a bool")
    for name in ("buffer_size", "range_chunk_size", "min_part_size"):
        if not isinstance(given.get(name, 1), int):
            raise TypeError(f"{name} has to be an int")
        if given.get(name, 1) < 1:
            raise ValueError(f"{name} has to be 1 at least")
    buffer = given.get("writebuffer")
    if buffer is not None and not hasattr(buffer, "write"):
        raise TypeError("writebuffer has to be a binary file")


def _calls(given: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return what each call is to say, by the names of today."""
    _check_mapping("client_kwargs", given.get("client_kwargs", {}))
    calls = dict(given.get("client_kwargs", {}))
    for former, name in _FORMER.items():
        if former in given:
            if name in calls:
                raise ValueError(f"{former} and client_kwargs[{name!r}] are the same")
            calls[name] = given[former]
    for name, said in calls.items():
        if name not in _CALLS:
            raise TypeError(f"client_kwargs has {name!r}, which is not called")
        _check_mapping(f"client_kwargs[{name!r}]", said)
    return {
        name: {k: v for k, v in calls[name].items() if v is not None} for name in calls
    }


def _said(
    calls: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any], mode: Mode
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the request for the bytes says by boto3's names, and options."""
    if "version_id" in given and mode.writable:
        raise ValueError("version_id must be None when writing")
    options = {name: given[name] for name in ("version_id",) if name in given}
    if not mode.writable:
        said = dict(calls.get(_GET, {}))
        if "VersionId" in said:
            _check_apart(options, {"version_id": None})
            options["version_id"] = said.pop("VersionId")
        conditions = _CONDITIONS
        _check_known(_GET, said, (*_CONDITIONS, *_ALWAYS, *_CUSTOMER_KEY))
    else:
        said = _of_upload(calls, single=given.get("multipart_upload") is False)
        conditions = {"IfMatch": "if_match"}
    for theirs, ours in conditions.items():
        if theirs in said:
            options[ours] = said.pop(theirs)
    return {k: v for k, v in said.items() if k not in _WITHOUT_EFFECT}, options


def _of_upload(
    calls: Mapping[str, Mapping[str, Any]], *, single: bool
) -> dict[str, Any]:
    """Return what an object is to be given: what the one call, or those of parts, say.

    What they say in common has to be the same, as S3 would have it.
    """
    beside: tuple[str, ...] = ()
    if single:
        said = dict(calls.get(_PUT, {}))
        last: Mapping[str, Any] = said
    else:
        said = dict(calls.get(_CREATE, {}))
        # smart_open says these of an empty object only, since that has no parts.
        unsaid = calls.get(_PUT, {}).keys() - said.keys() - {*_WITHOUT_EFFECT}
        if unsaid:
            raise ValueError(
                f"{_PUT} is for multipart_upload=False; {', '.join(sorted(unsaid))} "
                f"has to be said of {_CREATE}"
            )
        last = calls.get(_COMPLETE, {})
        beside = (_COMPLETE, *_BESIDE)
    if "IfNoneMatch" in last:
        raise ValueError("IfNoneMatch: use mode 'x', which creates a file or fails")
    for name in beside:
        more = dict(calls.get(name, {}))
        conditions = ("IfMatch",) if name == _COMPLETE else ()
        _check_known(name, more, (*_ALWAYS, *_CUSTOMER_KEY, *conditions))
        for key in more.keys() & said.keys():
            if more[key] != said[key]:
                raise ValueError(f"{key} of {name} differs from that of {_CREATE}")
        said.update(more)
    return said


def _check_known(call: str, said: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for name in said:
        if name not in known and name not in _WITHOUT_EFFECT:
            raise ValueError(f"{name} cannot be said of {call} here")


def _client(given: Mapping[str, Any], calls: Mapping[str, Any]) -> Any:
    """Return the client to use as it is, None if there is none."""
    client = given.get("client")
    if "resource" in given:
        if client is not None:
            raise ValueError("client and resource exclude each other")
        meta = getattr(given["resource"], "meta", None)
        client = getattr(meta, "client", given["resource"])
    if client is None:
        return None
    if "session" in given or calls.get(_CALL):
        raise ValueError(f"client excludes session, and client_kwargs[{_CALL!r}]")
    if not hasattr(client, "get_object"):
        raise TypeError("client has to be a boto3 S3 client")
    return client


def _over(
    config: Config, found: Config, client: Any, given: Mapping[str, Any]
) -> Config:
    """Return *config* with what *found*, *client* and *given* say otherwise."""
    changes = {
        field.name: getattr(found, field.name)
        for field in fields(Config)
        if getattr(found, field.name) != getattr(DEFAULT, field.name)
    }
    if client is not None:
        changes["client"] = client
    if given.get("multipart_upload") is False:
        changes["part_size"] = MAX_PART_SIZE
    elif "min_part_size" in given:
        size = storage_options.part_size(given["min_part_size"])
        changes["part_size"] = min(MAX_PART_SIZE, size)
    return replace(config, **changes) if changes else config
