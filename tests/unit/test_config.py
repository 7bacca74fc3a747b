"""Config and FileSystem: values, without secrets where they are shown or sent."""

import copy
import dataclasses
import pickle
from typing import Any

import pytest

from s3open import Config, FileSystem, config

SECRET = "wJalrXUtnFEMI"
EXPLICIT: list[dict[str, Any]] = [
    {"access_key": "AKIAEXAMPLE", "secret_key": SECRET},
    {"access_key": "A", "secret_key": SECRET, "session_token": SECRET},
    {"session_token": SECRET},
    {"session": object()},
    {"client": object()},
]
PLAIN: list[dict[str, Any]] = [
    {},
    {"profile": "backup", "region": "eu-west-1"},
    {"endpoint_url": "http://localhost:9000", "anonymous": True},
    {"requester_pays": True, "part_size": 100 << 20, "temp_dir": "/scratch"},
]


@pytest.mark.parametrize("settings", PLAIN)
def test_equal_settings_make_equal_configurations(settings: dict[str, Any]) -> None:
    assert Config(**settings) == Config(**settings)
    assert hash(Config(**settings)) == hash(Config(**settings))
    assert Config(**settings) != Config(region="elsewhere")


def test_a_configuration_cannot_be_changed() -> None:
    made = Config()
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.region = "x"  # type: ignore[misc]  # that is the point
    assert dataclasses.replace(made, region="x").region == "x"


@pytest.mark.parametrize("settings", EXPLICIT)
def test_no_secret_is_shown(settings: dict[str, Any]) -> None:
    made = Config(region="eu-west-1", **settings) if "client" not in settings else None
    shown = repr(made or Config(**settings))
    assert SECRET not in shown
    assert "AKIA" not in shown
    assert "object at" not in shown
    assert SECRET not in repr(FileSystem(Config(**settings)))


def test_the_repr_shows_the_rest() -> None:
    made = Config(region="eu-west-1", endpoint_url="http://localhost:9000")
    assert "eu-west-1" in repr(made)
    assert "http://localhost:9000" in repr(FileSystem(made))


@pytest.mark.parametrize("settings", PLAIN)
def test_a_configuration_without_secrets_pickles(settings: dict[str, Any]) -> None:
    made = Config(**settings)
    assert pickle.loads(pickle.dumps(made)) == made
    again = pickle.loads(pickle.dumps(FileSystem(**settings)))
    assert again.config == made
    assert copy.deepcopy(made) == made


@pytest.mark.parametrize("settings", EXPLICIT)
def test_explicit_secrets_do_not_pickle(settings: dict[str, Any]) -> None:
    for made in (Config(**settings), FileSystem(**settings)):
        with pytest.raises(TypeError, match="cannot pickle") as caught:
            pickle.dumps(made)
        assert SECRET not in str(caught.value)
        assert next(iter(settings)) in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"part_size": (5 << 20) - 1}, "part_size"),
        ({"part_size": (5 << 30) + 1}, "part_size"),
        ({"memory": (2 << 20) - 1}, "memory"),
        ({"attempts": 0}, "attempts"),
        ({"deadline": -1}, "deadline"),
        ({"deadline": float("nan")}, "deadline"),
        ({"disk": -1}, "disk"),
        ({"access_key": "A"}, "go together"),
        ({"secret_key": "S"}, "go together"),
        ({"client": 1, "profile": "p"}, "client excludes: profile"),
        ({"client": 1, "region": "r"}, "client excludes: region"),
        ({"client": 1, "endpoint_url": "u"}, "client excludes: endpoint_url"),
        ({"client": 1, "session": 2}, "client excludes: session"),
        ({"client": 1, "anonymous": True}, "client excludes: anonymous"),
        ({"client": 1, "session_token": "t"}, "client excludes: session_token"),
        ({"client": 1, "access_key": "a", "secret_key": "s"}, "excludes: access_key"),
    ],
)
def test_a_setting_that_cannot_be_is_a_value_error(
    settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Config(**settings)


@pytest.mark.parametrize("name", ["part_size", "memory", "attempts"])
@pytest.mark.parametrize("value", ["8 MiB", 1e7, None])
def test_a_number_of_the_wrong_type_is_a_type_error(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=name):
        Config(**{name: value})


def test_disk_is_a_number_or_none() -> None:
    assert Config().disk is None
    for value in ("8 GiB", 1e9):
        with pytest.raises(TypeError, match="disk"):
            Config(disk=value)  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize(
    "url",
    [
        f"http://AKIAEXAMPLE:{SECRET}@localhost:9000",
        f"https://{SECRET}@host/path",
        f"https://AKIAEXAMPLE:{SECRET}/K7MDENG@host",
    ],
)
def test_credentials_in_an_endpoint_are_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ValueError, match="credentials") as caught:
        Config(endpoint_url=url)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"part_size": 5 << 20, "memory": 2 << 20, "attempts": 1},
        {"part_size": 5 << 30, "disk": 0},
        {"client": object(), "requester_pays": True, "part_size": 6 << 20},
    ],
)
def test_the_limits_themselves_are_allowed(settings: dict[str, Any]) -> None:
    Config(**settings)


def test_an_unknown_setting_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="regoin"):
        Config(regoin="x")  # type: ignore[call-arg]  # that is the point
    with pytest.raises(TypeError, match="regoin"):
        FileSystem(regoin="x")
    with pytest.raises(TypeError):
        Config("profile")  # type: ignore[call-arg]  # that is the point


def test_a_file_system_takes_a_configuration_or_settings() -> None:
    made = Config(region="r")
    assert FileSystem(made).config is made
    assert FileSystem(region="r").config == made
    assert FileSystem().config is config.DEFAULT
    with pytest.raises(TypeError, match="not both"):
        FileSystem(made, region="r")
