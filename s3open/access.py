"""Who may do what: owners, grants, ACLs, and where requests are logged, as values.

They know the XML of S3's documents and the dicts of boto3, and no store.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

    from typing_extensions import Self

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
OBJECT_ACLS: Final = (
    *("private", "public-read", "public-read-write", "authenticated-read"),
    *("aws-exec-read", "bucket-owner-read", "bucket-owner-full-control"),
)
BUCKET_ACLS: Final = (*OBJECT_ACLS[:5], "log-delivery-write")

_PERMISSIONS: Final = ("READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL")
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_TargetObjectKeyFormat.html
_PARTITIONED: Final = "PartitionedPrefix"
_FORMATS: Final = ("SimplePrefix", _PARTITIONED, "EventTime", "DeliveryTime")

_NAMESPACE: Final = "http://s3.amazonaws.com/doc/2006-03-01/"
_INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"
# A carriage return would be read as a newline.
_ENTITIES: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
)


class Owner(NamedTuple):
    """Whom something belongs to: a canonical id, and a name where the store has one."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """That *grantee* has a *permission*.

    *grantee* is a canonical id, the URI of a group, or an e-mail address, which AWS
    takes no more: `EVERYONE`, `AUTHENTICATED` and `LOGS` are S3's groups. *permission*
    is ``READ``, ``WRITE``, ``READ_ACP``, ``WRITE_ACP`` or ``FULL_CONTROL``. *name* is
    the grantee's, where the store tells it. ValueError for others.
    """

    EVERYONE: ClassVar[str] = "http://acs.amazonaws.com/groups/global/AllUsers"
    AUTHENTICATED: ClassVar[str] = (
        "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
    )
    LOGS: ClassVar[str] = "http://acs.amazonaws.com/groups/s3/LogDelivery"

    grantee: str
    permission: str
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.grantee:
            raise ValueError("a grant has to say to whom")
        if self.permission not in _PERMISSIONS:
            known = ", ".join(_PERMISSIONS)
            raise ValueError(f"a permission is one of {known}: {self.permission!r}")

    @property
    def kind(self) -> str:
        """What the grantee is, in S3's word."""
        if "://" in self.grantee:
            return "Group"
        return "AmazonCustomerByEmail" if "@" in self.grantee else "CanonicalUser"


@dataclass(frozen=True, slots=True)
class ACL:
    """An access control list: whom something belongs to, and what others may do.

    S3 takes 100 *grants* at most.
    """

    owner: Owner
    grants: tuple[Grant, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "grants", tuple(self.grants))

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Return what an AccessControlPolicy document says; ValueError for others."""
        return cls.of_boto(_policy(_root(text, "AccessControlPolicy")))

    @classmethod
    def of_boto(cls, policy: Mapping[str, Any]) -> Self:
        """Return what boto3's *policy* says; ValueError for what is none."""
        try:
            owner = policy["Owner"]
            found = Owner(owner["ID"], owner.get("DisplayName") or "")
            return cls(found, _grants(policy["Grants"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("an ACL has Owner and Grants") from error

    def granting(self, *grants: Grant) -> Self:
        """Return an ACL that has *grants*, too."""
        more = [each for each in dict.fromkeys(grants) if each not in self.grants]
        return replace(self, grants=(*self.grants, *more))

    def without(self, *grantees: str) -> Self:
        """Return an ACL that has no grants to *grantees*."""
        kept = tuple(each for each in self.grants if each.grantee not in grantees)
        return replace(self, grants=kept)

    def for_boto(self) -> dict[str, Any]:
        """Return it as boto3 has it."""
        owner = {"ID": self.owner.id}
        if self.owner.name:
            owner["DisplayName"] = self.owner.name
        return {"Owner": owner, "Grants": _for_boto(self.grants)}

    def xml(self) -> str:
        """Return the AccessControlPolicy document that says so."""
        inner = [_person("Owner", self.owner.id, self.owner.name)]
        inner.append(_group("AccessControlList", *map(_grant_element, self.grants)))
        return _document("AccessControlPolicy", *inner)


@dataclass(frozen=True, slots=True)
class Logging:
    """Where a bucket's requests are logged: in the bucket *target*, below *prefix*.

    *grants* are on the logs; *key_format* says how they are named, in S3's words:
    ``SimplePrefix``, or ``EventTime`` or ``DeliveryTime`` for names that are
    partitioned by that date; None as S3 does, which is ``SimplePrefix``.
    """

    target: str
    prefix: str = ""
    grants: tuple[Grant, ...] = ()
    key_format: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "grants", tuple(self.grants))
        if not self.target:
            raise ValueError("logs need a bucket to be put into")
        if self.key_format not in (None, *_FORMATS):
            known = ", ".join(_FORMATS)
            raise ValueError(f"key_format is one of {known}: {self.key_format!r}")

    @classmethod
    def parse(cls, text: str | bytes) -> Self | None:
        """Return what a BucketLoggingStatus document says, None if that is nothing.

        ValueError for other documents.
        """
        enabled = _root(text, "BucketLoggingStatus").find("LoggingEnabled")
        if enabled is None:
            return None
        return cls.of_boto({"LoggingEnabled": _logging(enabled)})

    @classmethod
    def of_boto(cls, status: Mapping[str, Any]) -> Self | None:
        """Return what boto3's *status* says, None if that is nothing.

        ValueError for what says nothing of logs.
        """
        if not status.keys() - {"ResponseMetadata"}:
            return None
        try:
            enabled = status["LoggingEnabled"]
            return cls(
                enabled["TargetBucket"],
                enabled.get("TargetPrefix") or "",
                _grants(enabled.get("TargetGrants") or ()),
                _format(enabled.get("TargetObjectKeyFormat") or {}),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("logging has LoggingEnabled, with a bucket") from error

    def for_boto(self) -> dict[str, Any]:
        """Return it as boto3 has it."""
        enabled: dict[str, Any] = {
            "TargetBucket": self.target,
            "TargetPrefix": self.prefix,
        }
        if self.grants:
            enabled["TargetGrants"] = _for_boto(self.grants)
        if self.key_format == "SimplePrefix":
            enabled["TargetObjectKeyFormat"] = {"SimplePrefix": {}}
        elif self.key_format is not None:
            source = {"PartitionDateSource": self.key_format}
            partitioned = {} if self.key_format == _PARTITIONED else source
            enabled["TargetObjectKeyFormat"] = {_PARTITIONED: partitioned}
        return {"LoggingEnabled": enabled}

    def xml(self) -> str:
        """Return the BucketLoggingStatus document that says so."""
        inner = [_text("TargetBucket", self.target)]
        if self.grants:
            inner.append(_group("TargetGrants", *map(_grant_element, self.grants)))
        inner.append(_text("TargetPrefix", self.prefix))
        if self.key_format == "SimplePrefix":
            inner.append(_group("TargetObjectKeyFormat", _group("SimplePrefix")))
        elif self.key_format is not None:
            source = _text("PartitionDateSource", self.key_format)
            told = "" if self.key_format == _PARTITIONED else source
            inner.append(_group("TargetObjectKeyFormat", _group(_PARTITIONED, told)))
        return _document("BucketLoggingStatus", _group("LoggingEnabled", *inner))


def acl_arguments(
    acl: ACL | str | bytes | Mapping[str, Any], canned: Iterable[str]
) -> dict[str, Any]:
    """Return the arguments by which boto3 is told *acl*, or a name that is *canned*.

    ValueError for what is no ACL.
    """
    if isinstance(acl, str) and not acl.lstrip().startswith("<"):
        if acl not in canned:
            known = ", ".join(canned)
            raise ValueError(f"an ACL is XML, or one of {known}: {acl!r}")
        return {"ACL": acl}
    if isinstance(acl, str | bytes):
        acl = ACL.parse(acl)
    elif isinstance(acl, Mapping):
        acl = ACL.of_boto(acl)
    elif not isinstance(acl, ACL):
        raise ValueError(f"no ACL: {type(acl).__name__}")
    return {"AccessControlPolicy": acl.for_boto()}


def logging_status(
    logging: Logging | str | bytes | Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return what boto3 is told so that it is as *logging* says.

    ValueError for what says nothing of logs.
    """
    if isinstance(logging, str | bytes):
        logging = Logging.parse(logging)
    elif isinstance(logging, Mapping):
        logging = Logging.of_boto(logging)
    elif not isinstance(logging, Logging | None):
        raise ValueError(f"this says nothing of logs: {type(logging).__name__}")
    return {} if logging is None else logging.for_boto()


def _grants(found: Iterable[Mapping[str, Any]]) -> tuple[Grant, ...]:
    """Return the grants that boto3 has *found*."""
    grants = []
    for each in found:
        grantee = each["Grantee"]
        known = (grantee.get(name) for name in ("ID", "URI", "EmailAddress"))
        whom = next(filter(None, known), "")
        name = grantee.get("DisplayName") or ""
        grants.append(Grant(whom, each["Permission"], name))
    return tuple(grants)


def _for_boto(grants: Iterable[Grant]) -> list[dict[str, Any]]:
    return [
        {
            "Grantee": {"Type": each.kind, **dict(_said(each))},
            "Permission": each.permission,
        }
        for each in grants
    ]


def _said(grant: Grant) -> Iterable[tuple[str, str]]:
    """Yield what is said of the grantee, by S3's names."""
    if grant.kind == "CanonicalUser":
        yield "ID", grant.grantee
        if grant.name:
            yield "DisplayName", grant.name
    else:
        yield "URI" if grant.kind == "Group" else "EmailAddress", grant.grantee


def _format(said: Mapping[str, Any]) -> str | None:
    if _PARTITIONED in said:
        return (said[_PARTITIONED] or {}).get("PartitionDateSource") or _PARTITIONED
    return "SimplePrefix" if "SimplePrefix" in said else None


def _root(text: str | bytes, name: str) -> Element:
    """Return the root of the document *text*, names without namespaces."""
    from xml.etree import ElementTree

    class Builder(ElementTree.TreeBuilder):
        """What has a document type may define entities, which grow without bounds."""

        def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
            raise ValueError(f"a document type is not allowed here: {name}")

    parser = ElementTree.XMLParser(target=Builder())
    try:
        root = ElementTree.fromstring(text, parser)
    except ElementTree.ParseError as error:
        raise ValueError(f"no {name} document: {error}") from error
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
    if root.tag != name:
        raise ValueError(f"no {name} document: {root.tag}")
    return root


def _policy(root: Element) -> dict[str, Any]:
    """Return what an AccessControlPolicy says, as boto3 has it."""
    owner, grants = root.find("Owner"), root.find("AccessControlList")
    policy: dict[str, Any] = {}
    if owner is not None:
        policy["Owner"] = _texts(owner)
    if grants is not None:
        policy["Grants"] = _granted(grants)
    return policy


def _logging(enabled: Element) -> dict[str, Any]:
    """Return what is in a LoggingEnabled, as boto3 has it."""
    found: dict[str, Any] = _texts(enabled)
    grants, form = enabled.find("TargetGrants"), enabled.find("TargetObjectKeyFormat")
    found["TargetGrants"] = [] if grants is None else _granted(grants)
    found["TargetObjectKeyFormat"] = (
        {} if form is None else {each.tag: _texts(each) for each in form}
    )
    return found


def _granted(grants: Element) -> list[dict[str, Any]]:
    return [
        {
            "Grantee": {} if grantee is None else _texts(grantee),
            "Permission": (each.findtext("Permission") or "").strip(),
        }
        for each in grants.iter("Grant")
        for grantee in [each.find("Grantee")]
    ]


def _texts(node: Element) -> dict[str, str]:
    """Return the texts of what is in *node*, by name, as far as there are any."""
    return {each.tag: each.text for each in node if each.text}


def _text(name: str, text: str) -> str:
    return f"<{name}>{text.translate(_ENTITIES)}</{name}>"


def _group(name: str, *children: str) -> str:
    return f"<{name}>{''.join(children)}</{name}>"


def _person(name: str, identity: str, called: str) -> str:
    return _group(
        name, _text("ID", identity), _text("DisplayName", called) if called else ""
    )


def _grant_element(grant: Grant) -> str:
    said = "".join(_text(name, text) for name, text in _said(grant))
    grantee = (
        f'<Grantee xmlns:xsi="{_INSTANCE}" xsi:type="{grant.kind}">{said}</Grantee>'
    )
    return _group("Grant", grantee, _text("Permission", grant.permission))


def _document(name: str, *children: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{name} xmlns="{_NAMESPACE}">{"".join(children)}</{name}>'
    )
