"""URLs and forms that carry a signature, for those who have no credentials."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from s3open import naming
from s3open.filesystem.base import Configured, place
from s3open.location import Location, check_is_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from s3open.naming import Name


_RESPONSE = (
    *("response-cache-control", "response-content-disposition"),
    *("response-content-encoding", "response-content-language"),
    *("response-content-type", "response-expires"),
)


class PresignedPost(NamedTuple):
    """A form for browsers: where it is posted to, and its fields but for the file.

    The file is the last field, and called ``file``.
    """

    url: str
    fields: dict[str, str]


class Signing(Configured):
    """URLs of objects and buckets; nothing is asked of the store for most of them.

    On AWS the region of a bucket has to be known: it is asked for once, and remembered.
    """

    def presign(
        self,
        uri: Name,
        method: str = "GET",
        expires: float | timedelta | datetime = 3600,
        *,
        version_id: str | None = None,
        headers: Mapping[str, str] | None = None,
        metadata: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        **response: str,
    ) -> str:
        """Return a URL with which anybody can do one thing, for a while.

        It stays good for no longer than the credentials that it is signed with. Where
        their end is known (of roles, and by AWS_CREDENTIAL_EXPIRATION), what would be
        good for longer is refused. Requester pays, as the configuration says.

        Args:
            uri: a file or a bucket on S3; ``"s3://"`` is the list of buckets.
            method: ``GET``, ``HEAD``, ``PUT``, ``POST`` or ``DELETE``.
            expires: seconds from now, or the moment (a naive one is in local time) when
                it ends: 7 days at most.
            version_id: which version.
            headers: those that have to be sent with it, just so. The bytes of a body
                are signed only if ``x-amz-content-sha256`` is among them.
            metadata: that of the object which is to be put; it has to be sent as
                ``x-amz-meta-`` headers.
            query: what makes another operation of it: ``{"acl": ""}``,
                ``{"partNumber": "1", "uploadId": id}``.
            response: what the answer's headers are to say: ``response_content_type=``,
                ``response_content_disposition=`` and so on.

        Raises:
            ValueError: for a file of this machine, and for bad arguments.
            PermissionError: if there are no credentials.
        """
        from s3open.s3 import signing
        from s3open.stores.attributes import parsed

        about = parsed({"metadata": metadata}).metadata or {}
        if about and method not in ("PUT", "POST"):
            raise ValueError(f"metadata is for PUT and POST, not for {method}")
        given = dict(headers or {})
        given |= {f"x-amz-meta-{name.lower()}": about[name] for name in about}
        asked = list((query or {}).items())
        if version_id is not None:
            asked.append(("versionId", version_id))
        asked += [(_asked(name), value) for name, value in response.items()]
        return signing.presigned(
            self._config, _remote(uri, account=True), method, expires, given, asked
        )

    def presign_post(
        self,
        uri: Name,
        expires: float | timedelta | datetime = 3600,
        *,
        fields: Mapping[str, str] | None = None,
        conditions: Sequence[Any] = (),
        max_size: int | None = None,
        starts_with: bool = False,
    ) -> PresignedPost:
        """Return a form with which a browser can upload one file, for a while.

        Args:
            uri: the file on S3; ``${filename}`` in it stands for the browser's name.
            expires: as for `presign`.
            fields: further fields, such as ``Content-Type`` or ``acl``, just so.
            conditions: further conditions of the policy, as S3 has them.
            max_size: how many bytes the file may have.
            starts_with: let the browser choose any key that begins with that of *uri*.

        Raises:
            ValueError: for a file of this machine, and for bad arguments.
            PermissionError: if there are no credentials.
        """
        from s3open.s3 import signing

        at = _remote(uri)
        if starts_with:
            at = replace(at, key=at.key + signing.FILENAME)
        check_is_file(at)
        if max_size is not None and max_size < 0:
            raise ValueError(f"max_size has to be 0 at least, not {max_size}")
        given = dict(fields or {})
        wanted = list(conditions)
        if max_size is not None:
            wanted.append(["content-length-range", 0, max_size])
        return PresignedPost(*signing.form(self._config, at, expires, given, wanted))

    def public_url(
        self, uri: Name, *, version_id: str | None = None, base: str | None = None
    ) -> str:
        """Return the URL of *uri* without a signature: for what everybody may read.

        Args:
            uri: a file or a bucket on S3.
            version_id: which version.
            base: what to put in place of the bucket's own address, such as that of a
                CDN.

        Raises:
            ValueError: for a file of this machine.
            PermissionError: if there is no such profile.
        """
        from s3open.s3 import signing

        return signing.public(self._config, _remote(uri), version_id, base)


def _remote(uri: Name, *, account: bool = False) -> Location:
    """Return where *uri* is on S3; ValueError if it is not there."""
    if account and naming.text(uri) == "s3://":
        return Location("", "", "s3://")
    at = place(uri)
    if isinstance(at, str):
        raise ValueError(f"it is not on S3: {at!r}")
    return at


def _asked(name: str) -> str:
    """Return the parameter that overrides a header of the answer."""
    found = name.replace("_", "-")
    if found not in _RESPONSE:
        known = ", ".join(each.replace("-", "_") for each in _RESPONSE)
        raise TypeError(f"unknown argument {name!r}; there are {known}")
    return found
