"""The last bytes of an object, by one request: the store counts from its end."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from s3open import errors
from s3open.files import mode as modes
from s3open.location import check_is_file
from s3open.s3.clients import opened
from s3open.s3.retry import Tries
from s3open.stores import options as given
from s3open.stores.reads import first_answer, version_of
from s3open.tracing import checked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3open.config import Config
    from s3open.contract import Answer
    from s3open.location import Location


def last(config: Config, at: Location, size: int, options: Mapping[str, Any]) -> bytes:
    """Return the last *size* bytes of the object *at*, or as many as it has.

    *options* are those of `open` for reading; the bytes are all of one answer.
    """
    given.check_names(options)
    mode = modes.parse("rb")
    assert mode is not None
    parsed = given.parsed(options, mode)
    if parsed.reading.window is not None:
        raise ValueError("byte_range: it has no end that bytes could be counted from")
    if not at.key:
        check_is_file(at)
    always = parsed.writing.always
    version = version_of(at, config, parsed.reading)
    if version is not None:
        always["VersionId"] = version
    verbs = opened(config, at.uri, always)
    tries = Tries(verbs.patience)
    while True:
        # Nobody can ask for no bytes, and be told whether there is an object.
        answer = first_answer(verbs, at, parsed.reading, -max(size, 1))
        if answer is None:
            return b""
        try:
            found = _read(answer, at)
        except errors.S3Error as error:
            if not error.retryable or tries.failed(error):
                raise
            tries.pause()
            continue
        if len(found) < answer.info.size:
            checked("partial")
        return found[len(found) - min(size, len(found)) :]


def _read(answer: Answer, at: Location) -> bytes:
    """Return all bytes of *answer*."""
    buffer = bytearray(len(answer.span))
    with closing(answer.body) as body, memoryview(buffer) as view:
        done = 0
        while done < len(view) and (count := body.readinto(view[done:])):
            done += count
    if done < len(buffer):
        raise errors.S3ConnectionError.at(at.uri, "the connection broke")
    return bytes(buffer)
