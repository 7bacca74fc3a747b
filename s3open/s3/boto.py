"""The verbs over a boto3 client: the reference.

Neither boto3 nor botocore is imported before the first client is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open import contract, errors
from s3open.s3 import answers, sums
from s3open.s3.body import BotoBody
from s3open.s3.boto_basis import given_by, headers_of, require, source_name, stated
from s3open.s3.boto_trees import TreeVerbs
from s3open.s3.endpoint import checksummed, watch_range
from s3open.s3.verbs import NO_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s3open.location import Location


class BotoVerbs(TreeVerbs):
    """Speaks `s3open.s3.verbs.Verbs` through a boto3 S3 client."""

    def get_object(
        self,
        at: Location,
        span: range,
        *,
        if_match: str | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.Answer:
        arguments: dict[str, Any] = {"Range": answers.ranged(span)}
        if if_match is not None:
            arguments["IfMatch"] = if_match
        answer = self._call("get_object", at, settings, **arguments)
        if not {"ETag", "ContentRange"} & answer.keys():
            answer["Body"].close()
            raise answers.foreign(at.uri)
        try:
            arrived, size = answers.arriving(answer)
        except (KeyError, ValueError) as error:
            answer["Body"].close()
            raise errors.S3Error.at(
                at.uri, "the store does not say how long the object is"
            ) from error
        watch_range(self.endpoint, answers.meant(span, size), arrived)
        info = answers.info(answer, size)
        return contract.Answer(info, arrived, BotoBody(answer["Body"], at, arrived))

    def head_object(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> contract.ObjectInfo:
        answer = self._call("head_object", at, settings)
        require(answer, "ETag", at)
        return answers.info(answer, answer["ContentLength"])

    @checksummed
    def put_object(
        self,
        at: Location,
        body: contract.Pieces,
        attributes: contract.Attributes,
        condition: contract.Condition,
    ) -> contract.ObjectInfo:
        data = b"".join(body)
        sent = self._checksum(data, attributes.settings)
        arguments = given_by(attributes) | stated(condition) | sent
        answer = self._call("put_object", at, Body=data, **arguments)
        require(answer, "ETag", at)
        sums.compare(at.uri, sums.name(), sent, answer, published=True)
        return answers.info(answer, len(data))

    def get_object_tags(
        self, at: Location, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> dict[str, str]:
        tags = self._said("TagSet", "get_object_tagging", at, settings)
        return {tag["Key"]: tag["Value"] for tag in tags}

    def put_object_tags(
        self,
        at: Location,
        tags: Mapping[str, str],
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> None:
        pairs = [{"Key": name, "Value": value} for name, value in tags.items()]
        self._call("put_object_tagging", at, settings, Tagging={"TagSet": pairs})

    @checksummed
    def create_multipart_upload(
        self, at: Location, attributes: contract.Attributes
    ) -> str:
        arguments = given_by(attributes)
        if self._checksums:
            arguments |= sums.announced()
        answer = self._call("create_multipart_upload", at, **arguments)
        require(answer, "UploadId", at)
        return str(answer["UploadId"])

    @checksummed
    def upload_part(
        self,
        at: Location,
        upload: str,
        number: int,
        body: contract.Pieces,
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.Part:
        data = b"".join(body)
        sent = self._checksum(data, settings)
        arguments = {"UploadId": upload, "PartNumber": number, "Body": data} | sent
        answer = self._call("upload_part", at, sums.without(settings), **arguments)
        require(answer, "ETag", at)
        sums.compare(at.uri, sums.name(), sent, answer)
        return answers.part(answer, len(data))

    def upload_part_copy(
        self,
        at: Location,
        upload: str,
        number: int,
        span: range,
        *,
        if_match: str,
        source: Location | None = None,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.Part:
        made = self._said(
            "CopyPartResult",
            "upload_part_copy",
            at,
            settings,
            UploadId=upload,
            PartNumber=number,
            CopySource=source_name(source or at, settings),
            CopySourceRange=f"bytes={span.start}-{span.stop - 1}",
            CopySourceIfMatch=if_match,
        )
        return answers.part(made, len(span))

    def complete_multipart_upload(
        self,
        at: Location,
        upload: str,
        parts: Sequence[contract.Part],
        condition: contract.Condition,
        *,
        settings: Mapping[str, Any] = NO_SETTINGS,
    ) -> contract.ObjectInfo:
        named = [
            {"PartNumber": number, "ETag": part.etag}
            for number, part in enumerate(parts, start=1)
        ]
        if not self._checksums:
            settings = sums.without(settings)
        answer = self._call(
            "complete_multipart_upload",
            at,
            settings,
            UploadId=upload,
            MultipartUpload={"Parts": named},
            **stated(condition),
        )
        require(answer, "ETag", at)
        sums.compare(at.uri, sums.name(), settings, answer, published=True)
        return answers.info(answer, sum(part.size for part in parts))

    def abort_multipart_upload(self, at: Location, upload: str) -> None:
        self._call("abort_multipart_upload", at, UploadId=upload)

    def upload_exists(self, at: Location, upload: str) -> bool:
        try:
            answer = self._call("list_parts", at, UploadId=upload, MaxParts=1)
            require(answer, "UploadId", at)
        except errors.S3Error as error:
            if error.code == "NoSuchUpload":
                return False
            raise
        return True

    def list_parts(
        self, at: Location, upload: str, *, settings: Mapping[str, Any] = NO_SETTINGS
    ) -> dict[int, contract.Part]:
        found: dict[int, contract.Part] = {}
        more: dict[str, int] = {}
        while True:
            answer = self._call("list_parts", at, settings, UploadId=upload, **more)
            for item in answer.get("Parts", ()):
                found[item["PartNumber"]] = answers.part(item, item["Size"])
            if not answer.get("IsTruncated"):
                return found
            more = {"PartNumberMarker": answer["NextPartNumberMarker"]}

    def ask(self, operation: str, at: Location, **arguments: Any) -> Any:
        """Return boto3's answer to *operation* on the bucket of *at*, errors as ours.

        One request, outside the data path, for `retry.repeated` to repeat. A bucket ""
        is none: what is asked of the whole account.
        """
        return self._send(operation, at, **arguments)

    def region_of(self, at: Location) -> str | None:
        """Ask the bucket of *at* for its region, whoever may see it; None if unsaid."""
        try:
            answer = self._send("head_bucket", at)
        except errors.S3Error as error:
            answer = error.response
        found: str | None = headers_of(answer).get("x-amz-bucket-region")
        return found

    def ask_of_object(
        self,
        operation: str,
        at: Location,
        settings: Mapping[str, Any] = NO_SETTINGS,
        **arguments: Any,
    ) -> Any:
        """Return boto3's answer to *operation* on the object *at*, as `ask` does.

        Those of *settings* go with it that the operation knows.
        """
        return self._call(operation, at, settings, **arguments)

    def restore_object(
        self, at: Location, days: int | None, tier: str, version_id: str | None
    ) -> None:
        """Ask for a copy of an archived object for *days*, None if it is for good."""
        wanted: dict[str, Any] = {"GlacierJobParameters": {"Tier": tier}}
        if days is not None:
            wanted["Days"] = days
        settings = {} if version_id is None else {"VersionId": version_id}
        self._call("restore_object", at, settings, RestoreRequest=wanted)

    def bucket_versioning(self, at: Location) -> str | None:
        """Return whether the bucket of *at* keeps versions, in S3's word."""
        status: str | None = self._send("get_bucket_versioning", at).get("Status")
        return status

    def list_multipart_uploads(
        self, at: Location, prefix: str, *, encoding: str | None = None, **markers: str
    ) -> Any:
        """Return a page of the uploads that are under way in the bucket of *at*.

        Their keys as they are, or in that *encoding*, if the store knows it.
        """
        if encoding is not None:
            markers["EncodingType"] = encoding
        return self._send(
            "list_multipart_uploads",
            at,
            Prefix=prefix,
            **markers,
            **self._always,
        )
