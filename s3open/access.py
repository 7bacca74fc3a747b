"""Who may do what: owners, grants, ACLs, and where requests are logged, as values.

They know the XML of S3's documents and the dicts of boto3, and no store.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing_extensions import Self


class Owner(NamedTuple):
    """Whom something belongs to: a canonical id, and a name where the store has one."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """That *grantee* has a *permission*.

    *grantee* is a canonical id, or the URI of a group; *permission* is ``READ``,
    ``WRITE``, ``READ_ACP``, ``WRITE_ACP`` or ``FULL_CONTROL``.
    """

    grantee: str
    permission: str


@dataclass(frozen=True, slots=True)
class ACL:
    """An access control list: whom something belongs to, and what others may do."""

    owner: Owner
    grants: tuple[Grant, ...] = ()

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Return what an AccessControlPolicy document says; ValueError for others."""
        raise NotImplementedError

    def xml(self) -> str:
        """Return the AccessControlPolicy document that says so."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Logging:
    """Where a bucket's requests are logged: in the bucket *target*, below *prefix*.

    *grants* are on the logs; *key_format* says how they are named, in S3's words, None
    as S3 does.
    """

    target: str
    prefix: str = ""
    grants: tuple[Grant, ...] = ()
    key_format: str | None = None

    @classmethod
    def parse(cls, text: str | bytes) -> Self | None:
        """Return what a BucketLoggingStatus document says, None if that is nothing.

        ValueError for other documents.
        """
        raise NotImplementedError

    def xml(self) -> str:
        """Return the BucketLoggingStatus document that says so."""
        raise NotImplementedError
