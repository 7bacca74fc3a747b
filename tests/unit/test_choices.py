"""Options of copies: what goes with which direction, and with which other option."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from s3open.trees.choices import parsed
from s3open.trees.places import place

HERE, THERE = place("/x"), place("s3://b/k")


@pytest.mark.parametrize(
    "options",
    [
        {"content_type": "a/b", "metadata": {"a": "b"}, "storage_class": "GLACIER"},
        {"preserve_acl": True, "version_id": "1"},
        {"replace_metadata": True, "metadata": {}},
        {"extra_args": {"CacheControl": "no-store"}},
        {"sse_customer_key": b"0" * 32},
    ],
)
def test_what_goes_within_the_store(options: dict[str, Any]) -> None:
    choices = parsed(THERE, THERE, options)
    assert pickle.loads(pickle.dumps(choices)) == choices


def test_options_that_are_none_are_not_given() -> None:
    nothing = {"content_type": None, "gzip": False, "version_id": None}
    assert parsed(HERE, HERE, nothing) == parsed(HERE, HERE, {})


def test_a_key_is_for_either_side_and_goes_nowhere() -> None:
    key = bytes(range(32))
    for source, target in ((HERE, THERE), (THERE, HERE)):
        choices = parsed(source, target, {"sse_customer_key": key})
        assert choices.customer_key == key
        with pytest.raises(TypeError, match="threads"):
            choices.check_portable()
    parsed(HERE, THERE, {}).check_portable()
    assert parsed(HERE, THERE, {}).customer_key is None


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, False),
        ({"storage_class": "GLACIER"}, False),
        ({"tags": {"a": "b"}}, False),
        ({"content_type": "a/b"}, True),
        ({"metadata": {}}, True),
        ({"replace_metadata": True}, True),
        ({"cache_control": "no-store"}, True),
    ],
)
def test_what_has_a_copy_told_anew(options: dict[str, Any], expected: bool) -> None:
    assert parsed(THERE, THERE, options).redescribes is expected


def test_flags_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="if_newer"):
        parsed(HERE, THERE, {}, if_newer=True, skip=True)
    with pytest.raises(ValueError, match="moved"):
        parsed(THERE, HERE, {"version_id": "1"}, moving=True)
    with pytest.raises(ValueError, match="compare"):
        parsed(HERE, THERE, {}, compare="nonsense")
    with pytest.raises(TypeError, match="keep_tags"):
        parsed(THERE, THERE, {"keep_tags": "drop"})
