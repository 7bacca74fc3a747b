"""`open`: builtin's, for files that live on S3.

The arguments are checked as builtin checks them, before any request; the name is read;
the store opens the raw file; the io layers go on top. It is ``io.open`` with one line
changed.
"""

from __future__ import annotations

import io
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any, cast

from s3open import config as configuration
from s3open import location as locations
from s3open.forking import unforked
from s3open.naming import spelled
from s3open.stores import local

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from s3open.config import Config
    from s3open.files import Mode
    from s3open.files.signature import Open
    from s3open.stores.options import Options

__all__ = ["open"]

# Encodings that need no looking up.
_USUAL = (None, "locale", "utf-8")


def _open(
    file: Any,
    mode: str = "r",
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    closefd: bool = True,
    opener: Callable[[str, int], int] | None = None,
    *,
    config: Config | None = None,
    compression: str | None = None,
    compression_kwargs: Mapping[str, Any] | None = None,
    transport_params: Mapping[str, Any] | None = None,
    storage_options: Mapping[str, Any] | None = None,
    **options: Any,
) -> Any:
    """Open *file* and return a file object, as builtin ``open`` does.

    For an S3 URI the file is a builtin file object (``io.TextIOWrapper``,
    ``io.BufferedReader``, ``io.BufferedWriter`` or ``io.BufferedRandom``; with
    ``buffering=0`` an ``io.RawIOBase``) over a spooled copy: bytes are downloaded as
    they are read, and what was written is published by ``close()``, all of it or
    nothing. Leaving ``with`` by an exception publishes nothing. Paths and descriptors
    are opened by builtin ``open`` itself.

    One file may be used from several threads as far as a builtin one may, and after a
    fork in both processes; only the one that opened it publishes what is written. A
    file that is only read pickles: what comes out of it goes on from the same position,
    in the same version (ObjectChangedError if that is gone). With explicit secrets, a
    session or a client that is a TypeError.

    Args:
        file: ``s3://bucket/key`` (``s3a``, ``s3n``, access-point ARNs), a ``file://``
            URI, a path, or a descriptor; str, bytes, PathLike or `S3Path`.
        mode: as builtin.
        buffering: as builtin, 128 KiB by default.
        encoding: as builtin.
        errors: as builtin.
        newline: as builtin.
        closefd: as builtin; False is for descriptors only.
        opener: as builtin; not for S3.
        config: how to reach the store; None is botocore's own configuration.
        transport_params: how smart_open is to reach a store of another scheme; for S3
            the same, and what an object is given, as smart_open has it.
        storage_options: the same as fsspec and s3fs have it; it excludes *config*.
        compression: "gz", "bz2", "xz", "zst", "lz4", or whatever was registered with
            smart_open; "infer" goes by the name's extension, and compresses nothing
            where that is none of them. On every store. For ``r``, ``w``, ``x`` and
            ``a``, which appends a stream of its own; there is no ``fileno()``.
        compression_kwargs: arguments of the codec, such as ``{"compresslevel": 9}``.
        options: see below. Neither they nor *config* have an effect on local files.

    Options for writing (all are of no effect on reading, but for *sse_customer_key*;
    in ``a`` and ``r+`` what is not given stays as it was, but for *acl*, *grants* and
    object lock, which nothing but these options sets):
        content_type: None guesses it from a new object's name.
        content_encoding: of the object, as the other ``content_`` options; nothing is
            encoded for it.
        content_language: of the object.
        content_disposition: what browsers make of the object.
        cache_control: for how long it may be cached.
        expires: a datetime, after which caches are to ask again.
        metadata: str to str, just under 2 KB
            (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html).
        tags: str to str, ten at most; this needs s3:PutObjectTagging.
        keep_tags: in ``a`` and ``r+``, where tags cannot be read (s3:GetObjectTagging):
            "warn" that they are dropped, or "require" them, which is an error. "drop"
            drops them and asks for none.
        storage_class: such as "STANDARD_IA".
        acl: a canned ACL, such as "bucket-owner-full-control".
        grants: who may do what, such as ``{"read": 'id="..."'}``; also
            "full_control", "read_acp", "write_acp".
        sse: encryption at rest: "AES256", "aws:kms", "aws:kms:dsse".
        sse_kms_key_id: which key of KMS.
        sse_customer_key: 32 bytes, which encrypt the object (SSE-C), and which every
            reader has to give, too.
        bucket_key_enabled: spares requests to KMS.
        website_redirect: where a website sends those who ask for the object.
        object_lock_mode: "GOVERNANCE" or "COMPLIANCE".
        object_lock_retain_until: a datetime.
        object_lock_legal_hold: a bool.
        extra_args: whatever else PutObject and CreateMultipartUpload take, by boto3's
            names, such as ``{"ExpectedBucketOwner": "111122223333"}``.
        on_error: "publish" has an exception that leaves ``with`` publish the half that
            there is, as builtin ``open`` leaves it on a disk; for logs. "discard" drops
            it.
        on_unclosed: "publish" has a file that nobody closed published when it is
            collected, or when the program ends, as builtin's is. "keep" keeps it on
            this machine, with a warning, for `s3open.recover`.
        streaming: as a pipe: nothing is kept on this machine, on no disk either, once
            it is sent, so there is no going back (``seekable()`` is False) and what
            cannot be published is lost. For ``w`` and ``x``.

    Options for reading (ValueError in other modes):
        version_id: which version to read, FileNotFoundError if there is none such; this
            needs s3:GetObjectVersion.
        at: a datetime, naive ones being local time: the version that was current then,
            as far as S3 tells, which keeps whole seconds. FileNotFoundError if there
            was none, or it had been deleted. One request more, and
            s3:ListBucketVersions.
        byte_range: (start, stop) or a ``range``: the file has just these bytes, as far
            as they exist, and its offsets count from *start*. A stop of None is the
            end.
        if_match: an ETag as `info` gives it; PreconditionFailedError if the object has
            another one. Also of what is to be replaced (mode ``w``): when it is
            published, ObjectChangedError if another one, or none, is there.
        if_none_match: an ETag; NotModifiedError if the object still has it.
        if_modified_since: a datetime; NotModifiedError if it was not.
        if_unmodified_since: a datetime; PreconditionFailedError if it was.
        cache_dir: a folder, as `Config.cache`.

    Options for both:
        verify: "auto" compares what is read to its end with the CRC that the store
            keeps of it, before the end is reported; what is larger than 1 MiB costs one
            request more for that (HeadObject, beside the second GetObject; it needs no
            permission more). Where the store keeps none, or only some bytes are read,
            nothing can be compared. "always" insists: it takes digests (SHA-256, an
            ETag that is an MD5; 0.4 to 0.7 GB/s), too, and raises IntegrityError where
            there is nothing to compare with. "off" compares nothing. What is written
            is sent with a CRC that was taken when the program wrote it, unless "off";
            the store compares that. None is what the `Config` says.

    Raises:
        IntegrityError: if bytes are not those that were stored, or written, by their
            checksum. What nobody has seen yet is fetched, or sent, again before.
        OSError: as builtin, with the URI as ``filename``; from S3 always an `S3Error`
            that is also FileNotFoundError, PermissionError, ...
        ValueError: for bad arguments, before any request; also for a name with a scheme
            that is neither S3's nor ``file``.
        TypeError: likewise.
    """
    if encoding is None and "b" not in str(mode):
        # What builtin does with None; here the warning names the caller's line.
        encoding = io.text_encoding(encoding, 2)
    _check_names(options)
    name = spelled(file)
    codec = _codec(name, mode, compression, compression_kwargs)
    layers = buffering, encoding, errors, newline
    if codec is not None:
        options |= {"config": config, "transport_params": transport_params}
        options["storage_options"] = storage_options
        return _compressed(file, mode, codec, layers, closefd, opener, options)
    location = locations.parse(os.fsdecode(name)) if name is not None else None
    if location is None and _is_elsewhere(name):
        _check_way(opener, config, storage_options)
        return _elsewhere(name, mode, layers, closefd, config, transport_params)
    if location is None:
        path = file if name is None else _local(name)
        return local.open_file(path, mode, *layers, closefd, opener)
    # Who opens files of this machine only has no need of these.
    with unforked:
        from s3open.files import RemoteFile, UnbufferedFile, stack
        from s3open.stores import s3
    parsed = _checked(mode, *layers, closefd)
    _check_way(opener, config)
    if buffering == 1 and parsed.binary:
        warnings.warn(
            "line buffering (buffering=1) isn't supported in binary mode, "
            "the default buffer size will be used",
            RuntimeWarning,
            stacklevel=2,
        )
        buffering = -1
    if encoding == "locale" and sys.version_info < (3, 11):
        # There TextIOWrapper asks for the descriptor, which would fetch all bytes.
        import locale

        encoding = locale.getpreferredencoding(False)
    way, chosen = _chosen(options, parsed, config, transport_params, storage_options)
    raw = s3.open_file(
        location,
        cast("str | bytes", name),
        parsed,
        way,
        chosen,
        bom=_bom(encoding) if parsed.appending else b"",
        kind=UnbufferedFile if buffering == 0 else RemoteFile,
    )
    file = stack(raw, parsed, buffering, encoding, errors, newline)
    raw.streaming = chosen.streaming
    return file


# The overloads by mode are on the protocol, where FileSystem.open has them, too.
open: Open = cast("Open", _open)
_open.__name__ = _open.__qualname__ = "open"


def _codec(
    name: str | bytes | None,
    mode: Any,
    compression: Any,
    given: Mapping[str, Any] | None,
) -> Callable[[Any], Any] | None:
    """Return what makes the codec for a file; None if it is not compressed."""
    if compression is None:
        if given is not None:
            raise ValueError("compression_kwargs is for compression")
        return None
    from s3open.files import compressed
    from s3open.stores import codecs

    if not isinstance(compression, str):
        kind = type(compression).__name__
        raise TypeError(f"compression has to be a str, not {kind}")
    return codecs.codec(
        compressed.extension(name, compression),
        writing="r" not in str(mode),
        given=given or {},
        inferred=compression == "infer",
    )


def _compressed(
    file: Any,
    mode: str,
    codec: Callable[[Any], Any],
    layers: tuple[int, str | None, str | None, str | None],
    closefd: bool,
    opener: Callable[[str, int], int] | None,
    options: dict[str, Any],
) -> Any:
    """Open *file*, whose bytes *codec* compresses, below its io *layers*."""
    from s3open.files import compressed

    parsed = _checked(mode, *layers, closefd)
    if parsed.updating:
        raise io.UnsupportedOperation(f"a compressed file has no mode {mode!r}")
    letter = parsed.raw[0] if parsed.reading or not parsed.writing else "w"
    inner = _open(file, f"{letter}b", closefd=closefd, opener=opener, **options)
    return compressed.compressed(inner, parsed, codec, layers)


def _is_elsewhere(name: str | bytes | None) -> bool:
    return (
        name is not None and locations.scheme(os.fsdecode(name)) in locations.ELSEWHERE
    )


def _elsewhere(
    name: Any,
    mode: str,
    layers: tuple[int, str | None, str | None, str | None],
    closefd: bool,
    config: Config | None,
    params: Mapping[str, Any] | None,
) -> Any:
    """Open a file of a scheme that smart_open knows."""
    with unforked:
        from s3open.files import RemoteFile, UnbufferedFile, stack
        from s3open.stores import other
    parsed = _checked(mode, *layers, closefd)
    place = other.place(os.fsdecode(name), params)
    assert place is not None
    raw = other.open_file(
        place,
        name,
        parsed,
        config or configuration.DEFAULT,
        kind=UnbufferedFile if layers[0] == 0 else RemoteFile,
    )
    return stack(raw, parsed, *layers)


def _check_names(options: dict[str, Any]) -> None:
    """Raise TypeError for an option that is none."""
    if not options:
        return
    with unforked:
        from s3open.stores import options as given

    given.check_names(options)


def _chosen(
    options: dict[str, Any],
    mode: Mode,
    config: Config | None,
    params: Mapping[str, Any] | None,
    stored: Mapping[str, Any] | None,
) -> tuple[Config, Options]:
    """Return how to reach S3, and what to do there."""
    with unforked:
        from s3open.stores import options as given

    if not (params is None and stored is None):
        from s3open.integrations import transport_params

        config, options = transport_params.applied(
            options, mode, config, params, stored
        )
    return config or configuration.DEFAULT, given.parsed(options, mode)


def _check_way(opener: object, config: object, stored: object = None) -> None:
    """Raise what says that this is no way to reach a store."""
    if stored is not None:
        raise ValueError("storage_options are for names on S3, not for other schemes")
    if opener is not None:
        raise ValueError("Cannot use opener with an S3 URI")
    if not isinstance(config, (configuration.Config, type(None))):
        raise TypeError(f"config has to be a Config, not {type(config).__name__}")


def _bom(encoding: str | None) -> bytes:
    """Return what a text file with *encoding* begins with."""
    return b"" if encoding in (None, "locale") else "".encode(encoding)


def _local(name: str | bytes) -> str | bytes:
    if isinstance(name, str):
        return locations.local_path(name)
    return os.fsencode(locations.local_path(os.fsdecode(name)))


def _checked(
    mode: Any,
    buffering: object,
    encoding: Any,
    errors: Any,
    newline: Any,
    closefd: object,
) -> Mode:
    """Return the parsed mode, or raise what builtin ``open`` raises."""
    from s3open.files import mode as modes

    parsed = modes.parse(mode) if isinstance(mode, str) else None
    words = [word for word in (encoding, errors, newline) if word is not None]
    in_bytes = parsed is not None and parsed.binary
    plain = isinstance(buffering, int) and -(1 << 31) <= buffering < 1 << 31
    if in_bytes:
        plain = plain and not words
    else:
        plain = plain and buffering != 0 and all(isinstance(w, str) for w in words)
    unusual = errors is not None or newline is not None or encoding not in _USUAL
    unusual = (unusual and not in_bytes) or "U" in str(mode)
    if parsed is None or not plain or unusual or not closefd:
        # Builtin knows best what it takes, and words its own errors; a harmless file
        # lets it.
        harmless: Any = mode.replace("x", "w") if parsed is not None else mode
        size: Any = buffering
        io.open(
            os.devnull, harmless, size, encoding, errors, newline, bool(closefd)
        ).close()
    if parsed is None:
        raise ValueError(f"invalid mode: {mode!r}")
    return parsed
