"""Buckets as AWS has them, told by a store that only writes down what it is asked."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from s3open import Bucket, Config, FileSystem, errors
from s3open.s3 import administration
from s3open.s3.boto import BotoVerbs
from s3open.s3.denials import advice
from s3open.s3.retry import DEFAULT
from s3open.service import looking

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3open.location import Location

AWS = "https://s3.amazonaws.com"


class Verbs:
    """Answers with what it is given, errors among it, and else with nothing."""

    patience = DEFAULT

    def __init__(self, *answers: Any, endpoint: str = AWS) -> None:
        self.answers = list(answers)
        self.endpoint = endpoint
        self.region = ""
        self.asked: list[tuple[str, str, dict[str, Any]]] = []

    def ask(self, operation: str, at: Location, **arguments: Any) -> Any:
        self.asked.append((operation, at.bucket, arguments))
        answer = self.answers.pop(0) if self.answers else {}
        if isinstance(answer, BaseException):
            raise answer
        return answer

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _, _ in self.asked]


@pytest.fixture
def reached(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Verbs]:
    """Have all configurations reach the verbs, in their region."""

    def reach(*answers: Any, **more: Any) -> Verbs:
        verbs = Verbs(*answers, **more)

        def found(config: Config, uri: str) -> Verbs:
            verbs.region = config.region or "aws-global"
            return verbs

        monkeypatch.setattr("s3open.stores.buckets.boto_for", found)
        return verbs

    return reach


def refused(code: str, status: int, ambiguous: bool = False) -> errors.S3Error:
    kinds: dict[int, type[errors.S3Error]] = {
        404: errors.S3FileNotFoundError,
        409: errors.S3FileExistsError,
    }
    kind = kinds.get(status, errors.S3ServerError if ambiguous else errors.S3Error)
    error = kind.at("s3://new")
    error.code, error.status = code, status
    return error


MISSING = refused("404", 404)


def told(region: str) -> dict[str, Any]:
    return {"CreateBucketConfiguration": {"LocationConstraint": region}}


def test_the_oldest_region_has_no_name_and_is_looked_into_before(
    reached: Callable[..., Verbs],
) -> None:
    for region in (None, "us-east-1"):
        verbs = reached(MISSING)
        Bucket("new").create(region)
        assert verbs.asked == [("head_bucket", "new", {}), ("create_bucket", "new", {})]


@pytest.mark.parametrize(
    ("config", "region", "expected"),
    [
        (Config(region="eu-west-1"), None, "eu-west-1"),
        (Config(), "EU", "eu-west-1"),
        (Config(region="us-west-2"), "eu-central-1", "eu-central-1"),
    ],
)
def test_another_region_is_named_and_reached_there(
    reached: Callable[..., Verbs], config: Config, region: str | None, expected: str
) -> None:
    verbs = reached()
    Bucket("new", config).create(region)
    assert verbs.asked == [("create_bucket", "new", told(expected))]
    assert verbs.region == expected


def test_who_has_chosen_an_endpoint_is_sent_nowhere_else(
    reached: Callable[..., Verbs],
) -> None:
    verbs = reached()
    config = Config(endpoint_url="https://s3.us-west-2.amazonaws.com")
    Bucket("new", config).create("eu-west-1")
    assert verbs.region == "aws-global"


def test_other_stores_are_told_of_a_region_only_if_it_is_asked_for(
    reached: Callable[..., Verbs],
) -> None:
    for region, expected in ((None, {}), ("us-east-1", {}), ("here", told("here"))):
        verbs = reached(MISSING, endpoint="http://localhost:1")
        Bucket("new", region="eu-west-1").create(region)
        assert verbs.asked[-1] == ("create_bucket", "new", expected)
        assert verbs.region == "eu-west-1"


def test_options_become_arguments(reached: Callable[..., Verbs]) -> None:
    verbs = reached(MISSING)
    Bucket("new").create(acl="private", ownership="ObjectWriter", object_lock=True)
    assert verbs.asked[-1][2] == {
        "ACL": "private",
        "ObjectOwnership": "ObjectWriter",
        "ObjectLockEnabledForBucket": True,
    }


def test_what_exists_is_left_alone(reached: Callable[..., Verbs]) -> None:
    verbs = reached()
    Bucket("new").create(versioned=True, tags={"a": "b"}, exist_ok=True)
    assert verbs.operations == ["head_bucket"]
    verbs = reached(refused("BucketAlreadyOwnedByYou", 409))
    Bucket("new").create("eu-west-1", True, exist_ok=True)
    assert verbs.operations == ["create_bucket"]


@pytest.mark.parametrize("exist_ok", [False, True])
def test_what_is_somebody_else_s_is_never_one_s_own(
    reached: Callable[..., Verbs], exist_ok: bool
) -> None:
    reached(refused("403", 403), refused("BucketAlreadyExists", 409))
    with pytest.raises(FileExistsError):
        Bucket("new").create(exist_ok=exist_ok)


def test_only_after_a_doubt_is_it_done_already(
    reached: Callable[..., Verbs], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("s3open.s3.retry.pause", lambda failures: None)
    doubt = refused("InternalError", 500, ambiguous=True)
    gone = refused("NoSuchBucket", 404)
    reached(doubt, gone)
    Bucket("new").delete()
    reached(gone)
    with pytest.raises(FileNotFoundError):
        Bucket("new").delete()
    reached(doubt, refused("BucketAlreadyOwnedByYou", 409))
    Bucket("new").create("eu-west-1")
    reached(doubt, refused("BucketAlreadyExists", 409))
    with pytest.raises(FileExistsError):
        Bucket("new").create("eu-west-1")


def test_buckets_of_a_region_are_asked_for_there(
    reached: Callable[..., Verbs],
) -> None:
    names = [{"Name": "a", "BucketRegion": "eu-west-1"}]
    verbs = reached({"Buckets": names})
    [found] = FileSystem().buckets(region="EU")
    assert (found.name, found.region, found.created, found.owner) == (
        *("a", "eu-west-1", None, None),
    )
    assert verbs.asked == [
        ("list_buckets", "", {"MaxBuckets": 1000, "BucketRegion": "eu-west-1"})
    ]
    assert verbs.region == "eu-west-1"


def test_where_a_listed_bucket_is_is_asked_for_if_nobody_tells(
    reached: Callable[..., Verbs],
) -> None:
    page = {"Buckets": [{"Name": "a"}, {"Name": "b"}]}
    verbs = reached(page, {"BucketRegion": "EU"}, {}, {"LocationConstraint": None})
    assert [each.name for each in FileSystem().buckets(region="EU")] == ["a"]
    assert verbs.asked[1:] == [
        ("head_bucket", "a", {}),
        ("head_bucket", "b", {}),
        ("get_bucket_location", "b", {}),
    ]


def test_who_is_not_told_where_a_bucket_is_may_not_know(
    reached: Callable[..., Verbs],
) -> None:
    reached(errors.S3PermissionError.at("s3://b"))
    with pytest.raises(PermissionError):
        Bucket("b").location()


def test_what_is_no_failure_of_the_store_is_raised_as_it_is() -> None:
    class Broken:
        begun = datetime.now(timezone.utc)

        def abort(self) -> None:
            raise ZeroDivisionError

    uploads: Any = [Broken()]
    with pytest.raises(ZeroDivisionError):
        looking.abort_uploads(uploads, timedelta(), None)


def test_a_page_that_comes_again_is_the_last(reached: Callable[..., Verbs]) -> None:
    page = {"Buckets": [{"Name": "a"}], "ContinuationToken": "t"}
    reached(page, page)
    assert [each.name for each in FileSystem().buckets()] == ["a", "a"]


@pytest.mark.parametrize(
    ("spelled", "region"),
    [(None, "us-east-1"), ("", "us-east-1"), ("EU", "eu-west-1"), ("x", "x")],
)
def test_regions_have_one_name(spelled: str | None, region: str) -> None:
    assert administration.region_named(spelled) == region


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (name, code)
        for name, one in administration.SETTINGS.items()
        for code in one.absent
    ],
)
def test_not_configured_is_none(
    reached: Callable[..., Verbs], name: str, code: str
) -> None:
    verbs = reached(refused(code, 404))
    assert getattr(Bucket("b"), name)() is None
    assert verbs.operations == [administration.SETTINGS[name].get]
    reached(refused("NoSuchBucket", 404))
    with pytest.raises(FileNotFoundError):
        getattr(Bucket("b"), name)()


@pytest.mark.parametrize("name", administration.SETTINGS)
def test_every_setting_is_of_boto3_s(name: str) -> None:
    import boto3

    client: Any = boto3.client(
        "s3", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    verbs = BotoVerbs(client)
    assert verbs.region == "us-east-1"
    setting = administration.SETTINGS[name]
    model = client.meta.service_model
    operations = client.meta.method_to_api_mapping
    members = model.operation_model(operations[setting.put]).input_shape.members
    assert setting.name in members
    inner: Any = members[setting.name]
    for member in setting.inside:
        inner = inner.members[member]
    answer: Any = model.operation_model(operations[setting.get]).output_shape
    for member in setting.path:
        answer = answer.members[member]
    if setting.path:
        assert answer.type_name == inner.type_name
    assert not setting.delete or setting.delete in operations
    for operation in (setting.get, setting.put):
        assert "s3:" in advice(operation)
