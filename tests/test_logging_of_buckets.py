"""Where the requests to a bucket are logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s3open import Bucket, Grant, Logging, errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.stores import S3Store


@pytest.fixture
def target(s3: S3Store) -> str:
    """A bucket for the logs."""
    if s3.kind == "ceph":
        pytest.skip("it has no logs")
    name = f"{s3.bucket}-logs"
    s3.client.create_bucket(Bucket=name, ObjectOwnership="ObjectWriter")
    Bucket(name).set_acl("log-delivery-write")
    return name


def test_a_bucket_is_not_logged_unless_somebody_says_so(s3: S3Store) -> None:
    assert Bucket(s3.bucket).logging() is None


def forms() -> list[Callable[[Logging], object]]:
    return [lambda it: it, Logging.xml, lambda it: it.xml().encode(), Logging.for_boto]


@pytest.mark.parametrize("form", forms())
def test_logs_are_turned_on_and_off(
    s3: S3Store, target: str, form: Callable[[Logging], object]
) -> None:
    bucket, logging = Bucket(s3.bucket), Logging(target, "logs/")
    bucket.set_logging(form(logging))  # type: ignore[arg-type]
    assert bucket.logging() == logging
    said = s3.client.get_bucket_logging(Bucket=s3.bucket)["LoggingEnabled"]
    assert (said["TargetBucket"], said["TargetPrefix"]) == (target, "logs/")
    bucket.set_logging(None)
    assert bucket.logging() is None


def test_who_may_read_the_logs_and_how_they_are_named(s3: S3Store, target: str) -> None:
    bucket = Bucket(s3.bucket)
    grants = (Grant(Grant.AUTHENTICATED, "READ"),)
    bucket.set_logging(Logging(target, "a/", grants))
    assert bucket.logging() == Logging(target, "a/", grants)
    if s3.kind == "moto":
        return
    for name in ("SimplePrefix", "EventTime", "DeliveryTime"):
        bucket.set_logging(Logging(target, key_format=name))
        assert bucket.logging() == Logging(target, key_format=name)


def test_a_target_that_will_not_do_is_refused_with_what_it_needs(s3: S3Store) -> None:
    if s3.kind == "ceph":
        pytest.skip("it has no logs")
    with pytest.raises(errors.S3Error, match=r"logging\.s3\.amazonaws\.com") as caught:
        Bucket(s3.bucket).set_logging(Logging("no-such-bucket-of-anybody"))
    assert caught.value.code == "InvalidTargetBucketForLogging"


def test_a_bucket_that_is_not_there_has_no_logs(s3: S3Store) -> None:
    with pytest.raises(FileNotFoundError):
        Bucket("no-such-bucket-of-anybody").logging()
