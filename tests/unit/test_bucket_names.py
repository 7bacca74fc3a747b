"""What a bucket is without a request: a name in a store."""

import copy
import pickle

import pytest

import s3open
from s3open import Bucket, Config, FileSystem, S3Path

ARN = "arn:aws:s3:eu-west-1:123456789012:accesspoint/mine"


@pytest.mark.parametrize("spelling", ["box", "s3://box", "s3a://box/", b"s3://box"])
def test_a_bucket_is_called_by_its_name_or_as_a_uri(spelling: str) -> None:
    bucket = Bucket(spelling)
    assert (bucket.name, bucket.uri, str(bucket)) == ("box", "s3://box", "s3://box")
    assert repr(bucket) == "Bucket('box')"
    assert bucket == FileSystem().bucket("box")


def test_an_access_point_stands_for_a_bucket() -> None:
    assert Bucket(ARN).name == Bucket(f"s3://{ARN}").name == ARN


@pytest.mark.parametrize("name", ["", "a b", "box/key", "s3://box/key", "file:///x"])
def test_what_is_no_bucket_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="bucket"):
        Bucket(name)


def test_of_other_uris_nothing_but_the_scheme_is_shown() -> None:
    with pytest.raises(ValueError, match=r"not a bucket: ftp://\.\.\.$"):
        Bucket("ftp://me:secret@host")


def test_it_has_a_configuration_or_settings() -> None:
    assert Bucket("box", region="eu-west-1").config.region == "eu-west-1"
    fs = FileSystem(region="eu-west-1")
    assert fs.bucket("box").config is fs.config
    with pytest.raises(TypeError, match="not both"):
        Bucket("box", Config(), region="eu-west-1")
    with pytest.raises(TypeError, match="has to be a Config"):
        Bucket("box", "eu-west-1")  # type: ignore[arg-type]  # what is tested


def test_equal_are_those_of_one_store() -> None:
    here, there = Bucket("box"), Bucket("box", region="eu-west-1")
    assert here == Bucket("s3://box", memory=2 << 20)
    assert hash(here) == hash(there)
    assert here != there
    assert here != Bucket("other")
    assert here != S3Path("s3://box")
    assert here != "box"


def test_it_is_pickled_and_copied_as_its_configuration_is() -> None:
    bucket = Bucket("box", region="eu-west-1")
    again = pickle.loads(pickle.dumps(bucket))
    assert (again, again.config) == (bucket, bucket.config)
    assert pickle.loads(pickle.dumps(Bucket("box"))) == Bucket("box")
    assert repr(again) == f"Bucket('box', config={bucket.config!r})"
    secret = Bucket("box", access_key="A", secret_key="S")
    assert copy.copy(secret) is copy.deepcopy(secret) is secret
    with pytest.raises(TypeError, match="cannot pickle"):
        pickle.dumps(secret)


def test_a_key_in_it_is_a_path() -> None:
    path = Bucket("box", region="eu-west-1") / "a//b"
    assert path == S3Path("s3://box/a//b", config=path.config)
    assert path.config.region == "eu-west-1"
    with pytest.raises(TypeError):
        Bucket("box") / 1  # type: ignore[operator]  # what is tested


def test_what_takes_a_name_takes_a_bucket() -> None:
    assert s3open.join(Bucket("box"), "key") == "s3://box/key"
    assert S3Path(Bucket("box"), "key") == Bucket("box") / "key"


def test_a_filesystem_says_what_it_is() -> None:
    assert repr(FileSystem()) == f"FileSystem({Config()!r})"
    assert pickle.loads(pickle.dumps(FileSystem(region="x"))).config.region == "x"
