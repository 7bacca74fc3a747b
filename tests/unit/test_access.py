"""Owners, grants, ACLs and logs as values, as XML, and as boto3 has them."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3open.access import (
    ACL,
    BUCKET_ACLS,
    OBJECT_ACLS,
    Grant,
    Logging,
    Owner,
    acl_arguments,
    logging_status,
)

OLD = """<?xml version="1.0" encoding="UTF-8"?>
<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Owner><ID>a1b2</ID><DisplayName>me</DisplayName></Owner>
  <AccessControlList>
    <Grant>
      <Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
               xsi:type="CanonicalUser">
        <ID>a1b2</ID><DisplayName>me</DisplayName>
      </Grantee>
      <Permission>FULL_CONTROL</Permission>
    </Grant>
    <Grant>
      <Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
               xsi:type="Group">
        <URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>
      </Grantee>
      <Permission>READ</Permission>
    </Grant>
  </AccessControlList>
  <Unheard-of/>
</AccessControlPolicy>"""
ME = Owner("a1b2", "me")
PUBLIC = ACL(ME, (Grant("a1b2", "FULL_CONTROL"), Grant(Grant.EVERYONE, "READ")))

# What XML 1.0 can say.
TEXTS = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=["Cc", "Cs"],
        exclude_characters="\ufffe\uffff",
    )
    | st.sampled_from("\t\n\r<>&\"'"),
    min_size=1,
)
GRANTS = st.builds(
    Grant,
    TEXTS,
    st.sampled_from(["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"]),
)
ACLS = st.builds(ACL, st.builds(Owner, TEXTS, TEXTS), st.tuples(GRANTS, GRANTS))
LOGS = st.builds(
    Logging,
    TEXTS,
    TEXTS | st.just(""),
    st.lists(GRANTS, max_size=2).map(tuple),
    st.sampled_from(
        [None, "SimplePrefix", "PartitionedPrefix", "EventTime", "DeliveryTime"]
    ),
)


def test_the_documents_of_s3_are_read() -> None:
    for text in (OLD, OLD.encode(), OLD.replace(" xmlns=", " xmlns:other=")):
        assert ACL.parse(text) == PUBLIC
    assert ACL.parse(OLD).owner == ("a1b2", "me")
    assert [each.kind for each in PUBLIC.grants] == ["CanonicalUser", "Group"]


@given(ACLS)
def test_an_acl_survives_its_xml_and_its_dict(acl: ACL) -> None:
    assert ACL.parse(acl.xml()) == ACL.parse(acl.xml().encode()) == acl
    assert ACL.of_boto(acl.for_boto()) == acl
    assert pickle.loads(pickle.dumps(acl)) == acl
    hash(acl)


@given(LOGS)
def test_logging_survives_its_xml_and_its_dict(logging: Logging) -> None:
    assert Logging.parse(logging.xml()) == logging
    assert Logging.of_boto(logging.for_boto()) == logging
    assert logging_status(logging.xml()) == logging_status(logging)
    hash(logging)


def test_names_of_grantees_are_kept_but_do_not_count() -> None:
    named = Grant("a1b2", "READ", "me")
    assert named == Grant("a1b2", "READ")
    acl = ACL(Owner("x"), (named,))
    assert "<DisplayName>me</DisplayName>" in acl.xml()
    assert ACL.parse(acl.xml()).grants[0].name == "me"
    assert acl.for_boto()["Owner"] == {"ID": "x"}


def test_grantees_of_all_kinds_are_told_as_s3_has_them() -> None:
    grants = [Grant("id", "READ"), Grant(Grant.LOGS, "WRITE"), Grant("a@b.c", "READ")]
    told = ACL(ME, tuple(grants)).for_boto()["Grants"]
    assert [each["Grantee"] for each in told] == [
        {"Type": "CanonicalUser", "ID": "id"},
        {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"},
        {"Type": "AmazonCustomerByEmail", "EmailAddress": "a@b.c"},
    ]


def test_grants_are_added_once_and_taken_away() -> None:
    read, write = Grant("you", "READ"), Grant("you", "WRITE")
    more = PUBLIC.granting(read, write, read).granting(write)
    assert more.grants == (*PUBLIC.grants, read, write)
    assert more.without("you") == PUBLIC
    assert more.without("you", Grant.EVERYONE).grants == PUBLIC.grants[:1]


@pytest.mark.parametrize(
    ("grantee", "permission"), [("", "READ"), ("you", "read"), ("you", "")]
)
def test_what_is_no_grant_is_refused(grantee: str, permission: str) -> None:
    with pytest.raises(ValueError, match=r"grant|permission"):
        Grant(grantee, permission)


def test_what_may_be_given_for_an_acl() -> None:
    told = {"AccessControlPolicy": PUBLIC.for_boto()}
    for form in (PUBLIC, PUBLIC.xml(), f"\n{PUBLIC.xml()}".strip().encode()):
        assert acl_arguments(form, OBJECT_ACLS) == told
    assert acl_arguments(PUBLIC.for_boto(), BUCKET_ACLS) == told
    assert acl_arguments("log-delivery-write", BUCKET_ACLS) == {
        "ACL": "log-delivery-write"
    }


ENTITIES = '<!DOCTYPE a [<!ENTITY b "c">]>' + PUBLIC.xml().partition("\n")[2]
WRONG: list[Any] = [
    *("", "public", "log-delivery-write", "<", "<a/>", b"", b"private", None, 1),
    *("<AccessControlPolicy/>", ENTITIES, {}, {"Owner": {"ID": "a"}}),
    {"Owner": {"ID": "a"}, "Grants": [{"Permission": "READ"}]},
    {"Owner": {"ID": "a"}, "Grants": [{"Grantee": {}, "Permission": "READ"}]},
    {"Owner": {"ID": "a"}, "Grants": [{"Grantee": {"ID": "b"}, "Permission": "x"}]},
    PUBLIC.xml().replace("<ID>a1b2</ID>", "", 1),
]


@pytest.mark.parametrize("given", WRONG)
def test_what_is_no_acl_is_refused(given: Any) -> None:
    with pytest.raises(ValueError, match=r"ACL|document|grant|permission"):
        acl_arguments(given, OBJECT_ACLS)


def test_entities_are_not_expanded() -> None:
    for read in (ACL.parse, Logging.parse):
        with pytest.raises(ValueError, match="document type"):
            read(ENTITIES)


def test_what_may_be_given_for_logging() -> None:
    logging = Logging("logs", "a/")
    told = {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "a/"}}
    for form in (logging, logging.xml(), logging.xml().encode(), told):
        assert logging_status(form) == told
    nothings: list[Any] = [None, {}, "<BucketLoggingStatus/>"]
    for nothing in nothings:
        assert logging_status(nothing) == {}
    assert Logging.of_boto({"ResponseMetadata": {}}) is None


@pytest.mark.parametrize(
    "given",
    [
        *("", "logs", "<a/>", 1, {"Logging": 1}, {"LoggingEnabled": {}}),
        {"LoggingEnabled": None},
        "<BucketLoggingStatus><LoggingEnabled/></BucketLoggingStatus>",
        {"LoggingEnabled": {"TargetBucket": ""}},
        {"LoggingEnabled": {"TargetBucket": "b", "TargetGrants": [{}]}},
        {
            "LoggingEnabled": {
                "TargetBucket": "b",
                "TargetObjectKeyFormat": {
                    "PartitionedPrefix": {"PartitionDateSource": "Noon"}
                },
            }
        },
    ],
)
def test_what_says_nothing_of_logs_is_refused(given: Any) -> None:
    with pytest.raises(ValueError, match=r"logs|logging|document|key_format"):
        logging_status(given)
