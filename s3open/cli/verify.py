"""``s3open verify``: what a store can do of what safety needs."""

from __future__ import annotations

import secrets
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from s3open import checksums, contract, errors
from s3open.config import MIN_PART_SIZE, Config
from s3open.location import Location, parse
from s3open.s3 import retry
from s3open.s3.clients import verbs_for

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterator

    from s3open.s3.verbs import Verbs

_BOGUS = contract.Condition(etag='"s3open-verify"')
_PLAIN = contract.Attributes()
_CONTENT = b"s3open verify"
# The smallest object of which a range can be copied as a part.
_LARGE = bytes(MIN_PART_SIZE + 1)
_TIMEOUT = 10.0


def command(options: Namespace) -> int:
    """Run ``s3open verify``; return the exit code."""
    return run(options.endpoint, options.bucket, options.region, options.profile)


def run(
    endpoint_url: str, bucket: str | None, region: str | None, profile: str | None
) -> int:
    """Print what the store at *endpoint_url* can do; return 1 if anything is weak.

    Without a *bucket* nothing is written, and only that it answers can be said.
    """
    if bucket is None:
        print(_reachable(endpoint_url))
        print("  what it can do is tried in a scratch key: give it a --bucket")
        return 0
    config = Config(endpoint_url=endpoint_url, region=region, profile=profile)
    name = bucket.removeprefix("s3://").strip("/")
    at = parse(f"s3://{name}/s3open-verify-{secrets.token_hex(8)}")
    assert at is not None
    scratch = _Scratch(verbs_for(config, at.uri), at)
    weak = 0
    try:
        for able, what, meaning in scratch.checks():
            weak += not able
            print(f"  {'yes' if able else 'NO '}  {what}", end="")
            print("" if able else f": {meaning}", flush=True)
    finally:
        scratch.remove()
    print(f"{endpoint_url}: {f'{weak} weak' if weak else 'all that s3open needs'}")
    return 1 if weak else 0


def _reachable(endpoint_url: str) -> str:
    """Say who answers there; raise OSError if nobody does."""
    if not endpoint_url.startswith(("http://", "https://")):
        raise ValueError(f"not an endpoint: {endpoint_url!r} (https://host:port)")
    try:
        with urllib.request.urlopen(endpoint_url, timeout=_TIMEOUT) as answer:
            status, headers = answer.status, answer.headers
    except urllib.error.HTTPError as error:
        status, headers = error.code, error.headers
        error.close()
    except urllib.error.URLError as error:
        raise errors.S3ConnectionError.at(endpoint_url, str(error.reason)) from error
    server = headers.get("Server", "a server without a name")
    return f"{endpoint_url}: {server} answers {status} to a request without a signature"


class _Scratch:
    """The key that everything is tried in."""

    def __init__(self, verbs: Verbs, at: Location) -> None:
        self._verbs = verbs
        self._at = at
        self._uploads: list[str] = []

    def checks(self) -> Iterator[tuple[bool, str, str]]:
        """Try one thing after the other; yield whether it works, what, and what if not.

        Raises S3Error where the store, or the key, cannot be used at all.
        """
        self._put(_CONTENT)
        yield (
            self._verbs.get_object(self._at, range(2, 5)).span == range(2, 5),
            "ranges",
            "each read begins at the start of the object",
        )
        yield (
            self._refuses(
                lambda: self._verbs.get_object(
                    self._at, range(5), if_match=_BOGUS.etag
                ).body.close()
            ),
            "If-Match on GetObject",
            "a change is noticed by the ETag of the answer instead",
        )
        yield from self._conditions()
        yield from self._parts()
        yield from self._kept()

    def remove(self) -> None:
        """Delete the scratch key, and the uploads that are left."""
        for upload in self._uploads:
            try:
                self._verbs.abort_multipart_upload(self._at, upload)
            except errors.S3Error as error:
                if not isinstance(error, FileNotFoundError):
                    raise
        retry.repeated(lambda: self._verbs.delete_object(self._at))

    def _conditions(self) -> Iterator[tuple[bool, str, str]]:
        gap = "the object is looked at just before, which leaves a gap"
        yield (
            self._refuses(lambda: self._put(_CONTENT, contract.IF_ABSENT)),
            "If-None-Match on PutObject (mode x)",
            gap,
        )
        refused = self._refuses(lambda: self._put(_CONTENT, _BOGUS))
        etag = self._verbs.head_object(self._at).etag or ""
        right = contract.Condition(etag=etag)
        yield (
            refused and not self._refuses(lambda: self._put(_CONTENT, right)),
            "If-Match on PutObject (modes a and r+)",
            "it wants the ETag without its quotes, which s3open finds out"
            if refused
            else gap,
        )

    def _parts(self) -> Iterator[tuple[bool, str, str]]:
        gap = "large objects are looked at just before, which leaves a gap"
        self._put(_LARGE)
        for condition, what in (
            (contract.IF_ABSENT, "If-None-Match on CompleteMultipartUpload"),
            (_BOGUS, "If-Match on CompleteMultipartUpload"),
        ):
            upload = self._begin()
            parts = [self._verbs.upload_part(self._at, upload, 1, [_LARGE])]
            yield self._refuses(self._completion(upload, parts, condition)), what, gap
        etag = self._verbs.head_object(self._at).etag or ""
        upload = self._begin()
        try:
            self._copy(upload, etag)
        except errors.S3Error:
            yield False, "UploadPartCopy", "updates of large objects send all of it"
            return
        yield True, "UploadPartCopy", ""
        yield (
            self._refuses(lambda: self._copy(upload, _BOGUS.etag or "")),
            "If-Match on UploadPartCopy",
            "the object is looked at before the first and after the last part",
        )

    def _kept(self) -> Iterator[tuple[bool, str, str]]:
        tagged = contract.Attributes(
            metadata={"colour": "red"}, settings={"Tagging": "colour=red"}
        )
        self._put(_CONTENT, attributes=tagged)
        info = self._verbs.head_object(self._at, settings={"ChecksumMode": "ENABLED"})
        crc = checksums.encode("crc64nvme", checksums.crc("crc64nvme", _CONTENT))
        kept = info.checksum
        yield (
            kept is not None and (kept.algorithm, kept.value) == ("CRC64NVME", crc),
            "CRC64NVME kept and returned",
            "what arrives cannot be compared with what was sent",
        )
        yield (
            dict(info.metadata).get("colour") == "red",
            "metadata kept",
            "metadata are lost, and with them how a lost answer is resolved",
        )
        yield self._tags() == {"colour": "red"}, "tags kept", "tags are lost"
        upload = self._begin(tagged)
        parts = [self._verbs.upload_part(self._at, upload, 1, [_CONTENT])]
        self._completion(upload, parts, contract.ALWAYS)()
        yield (
            self._tags() == {"colour": "red"},
            "tags of an upload in parts kept",
            "large objects lose their tags",
        )

    def _put(
        self,
        body: bytes,
        condition: contract.Condition = contract.ALWAYS,
        attributes: contract.Attributes = _PLAIN,
    ) -> None:
        self._verbs.put_object(self._at, [body], attributes, condition)

    def _begin(self, attributes: contract.Attributes = _PLAIN) -> str:
        upload = self._verbs.create_multipart_upload(self._at, attributes)
        self._uploads.append(upload)
        return upload

    def _completion(
        self, upload: str, parts: list[contract.Part], condition: contract.Condition
    ) -> Callable[[], object]:
        return lambda: self._verbs.complete_multipart_upload(
            self._at, upload, parts, condition
        )

    def _copy(self, upload: str, etag: str) -> None:
        self._verbs.upload_part_copy(
            self._at, upload, 1, range(MIN_PART_SIZE), if_match=etag
        )

    def _tags(self) -> dict[str, str] | None:
        try:
            return self._verbs.get_object_tags(self._at)
        except errors.S3Error:
            return None

    def _refuses(self, write: Callable[[], object]) -> bool:
        """Whether *write* is refused since its condition does not hold."""
        try:
            write()
        except errors.S3Error as error:
            if error.status in (409, 412):
                return True
            raise
        return False
