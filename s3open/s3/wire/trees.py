"""The verbs of whole trees: listing, deleting, and copying inside the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open import contract, errors
from s3open.location import Location
from s3open.s3 import answers
from s3open.s3.verbs import NO_SETTINGS
from s3open.s3.wire import documents, headers
from s3open.s3.wire.basis import Basis, asking, given_by, source_name
from s3open.s3.wire.listings import Listing, cut
from s3open.s3.wire.requests import Sent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MOST_KEYS = (
    1000  # https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
)
_ENCODED = ("encoding-type", "url")


class TreeVerbs(Basis):
    """Those of `s3open.s3.verbs.Verbs` that are for more than one file's bytes."""

    def delete_object(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> None:
        request = asking("delete_object", "DELETE", at, settings)
        # There is nothing to say.
        if self._requests.document(request)[1]:
            raise answers.foreign(at.uri)

    def delete_objects(
        self,
        at: Location,
        doomed: Sequence[contract.Doomed],
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> dict[contract.Doomed, errors.S3Error]:
        request = asking("delete_objects", "POST", _bucket_of(at), settings)
        body = documents.deletion(doomed)
        request.headers |= headers.of_document(body)
        request.query.append(("delete", ""))
        request.body = [body]
        root = self._document(request, "DeleteResult")
        return answers.refused(at, doomed, documents.refusals(root))

    def list_objects(
        self,
        at: Location,
        *,
        delimiter: str = "",
        start_after: str = "",
        token: str | None = None,
        max_keys: int = _MOST_KEYS,
        owner: bool = False,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.Page:
        request = asking("list_objects", "GET", _bucket_of(at), settings)
        request.query += _question(at, delimiter, max_keys)
        request.query.append(("list-type", "2"))
        if token is not None:
            request.query.append(("continuation-token", token))
        elif start_after:
            request.query.append(("start-after", start_after))
        if owner:
            request.query.append(("fetch-owner", "true"))
        listing = self._listing(request, "ListBucketResult")
        try:
            return listing.objects()
        except ValueError as error:
            raise answers.foreign(at.uri) from error

    def list_versions(
        self,
        at: Location,
        *,
        delimiter: str = "",
        token: str | None = None,
        max_keys: int = _MOST_KEYS,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.Page:
        request = asking("list_versions", "GET", _bucket_of(at), settings)
        request.query += _question(at, delimiter, max_keys)
        request.query.append(("versions", ""))
        if token is not None:
            key, _, version = token.partition("\0")
            request.query.append(("key-marker", key))
            if version:
                request.query.append(("version-id-marker", version))
        listing = self._listing(request, "ListVersionsResult")
        try:
            return listing.versions()
        except ValueError as error:
            raise answers.foreign(at.uri) from error

    def copy_object(
        self,
        source: Location,
        at: Location,
        attributes: contract.Attributes | None,
        condition: contract.Condition,
        *,
        if_match: str | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.ObjectInfo:
        request = asking("copy_object", "PUT", at, settings)
        if attributes is not None:
            request.headers["x-amz-metadata-directive"] = "REPLACE"
            request.headers["x-amz-tagging-directive"] = "REPLACE"
            request.headers |= given_by(attributes, at)
        request.headers |= headers.condition(condition)
        request.headers["x-amz-copy-source"] = source_name(source, settings)
        if if_match is not None:
            request.headers["x-amz-copy-source-if-match"] = if_match
        head, root = self._answer(request, "CopyObjectResult")
        said: dict[str, Any] = {documents.tag(child): child.text for child in root}
        said["LastModified"] = headers.moment(said.get("LastModified") or "")
        return answers.copied(said, head.headers.get("x-amz-version-id"), at)

    def _listing(self, request: Sent, name: str) -> Listing:
        """Return what *request* is answered by.

        XML does not take every letter that a key may have, so they are asked for
        encoded; where it cannot be told if they are, once more, as they are.
        """
        plain, request.query = request.query, [*request.query, _ENCODED]
        found = self._page(request, name)
        if found.doubtful:
            request.query = plain
            found = self._page(request, name)
        return found

    def _page(self, request: Sent, name: str) -> Listing:
        head, document, resent = self._requests.document(request)
        found = cut(document)
        root = self._judged(request, name, (head, found.rest, resent))
        return Listing(root, found)


def _bucket_of(at: Location) -> Location:
    """Return the place of the bucket of *at*, with the URI that errors are to show."""
    return Location(at.bucket, "", at.uri)


def _question(at: Location, delimiter: str, max_keys: int) -> list[tuple[str, str]]:
    """Return what all listings have in common."""
    asked = [("prefix", at.key), ("delimiter", delimiter)]
    if max_keys != _MOST_KEYS:
        asked.append(("max-keys", str(max_keys)))
    return [pair for pair in asked if pair[1]]
