"""The listing of pending uploads, by stores that do it in ways of their own."""

from datetime import datetime, timezone
from typing import Any

from s3open.location import Location
from s3open.s3.retry import DEFAULT
from s3open.s3.uploads import PendingUpload, pending

AT = Location("b", "", "s3://b")
MOMENT = datetime(2026, 1, 2, tzinfo=timezone.utc)


class Pages:
    """Answers with one page after the other, the last one again and again."""

    patience = DEFAULT

    def __init__(self, *pages: dict[str, Any]) -> None:
        self.pages = list(pages)
        self.asked: list[dict[str, str]] = []

    def list_multipart_uploads(
        self, at: Location, prefix: str, **parameters: str
    ) -> dict[str, Any]:
        self.asked.append(parameters)
        return self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]


def entry(key: str) -> dict[str, Any]:
    return {"Key": key, "UploadId": f"id of {key}", "Initiated": MOMENT}


def keys(pages: Any, prefix: str = "") -> list[str]:
    return [each.key for each in pending(pages, AT, prefix)]


def test_a_store_without_uploads_may_leave_everything_out() -> None:
    assert keys(Pages({})) == []


def test_each_says_what_it_is() -> None:
    pages: Any = Pages({"Uploads": [entry("a")]})
    assert list(pending(pages, AT)) == [PendingUpload("a", "id of a", MOMENT)]


def test_keys_are_decoded_only_where_the_store_has_encoded_them() -> None:
    encoded = {"EncodingType": "url", "Uploads": [entry("a+b%2Bc")]}
    assert keys(Pages(encoded)) == ["a b+c"]
    assert keys(Pages({"Uploads": [entry("a+b%2Bc")]})) == ["a+b%2Bc"]


def test_a_store_that_does_not_say_whether_it_has_encoded_is_asked_again() -> None:
    silent = Pages({"Uploads": [entry("a+b%2Bc")]}, {"Uploads": [entry("a b+c")]})
    assert keys(silent) == ["a b+c"]
    assert silent.asked == [{"encoding": "url"}, {}]
    assert keys(plain := Pages({"Uploads": [entry("a b")]})) == ["a b"]
    assert plain.asked == [{"encoding": "url"}]


def test_it_goes_on_behind_the_last_one() -> None:
    first = {
        "EncodingType": "url",
        "IsTruncated": True,
        "Uploads": [entry("a+b")],
        "NextKeyMarker": "a+b",
        "NextUploadIdMarker": "id",
    }
    pages = Pages(first, {"Uploads": [entry("c")]})
    assert keys(pages) == ["a b", "c"]
    assert pages.asked == [
        {"encoding": "url"},
        {"encoding": "url", "KeyMarker": "a b", "UploadIdMarker": "id"},
    ]


def test_a_store_that_does_not_know_prefixes_is_no_reason_to_abort_more() -> None:
    assert keys(Pages({"Uploads": [entry("a/1"), entry("b/1")]}), "a/") == ["a/1"]


def test_a_store_that_gives_the_same_page_for_ever_is_not_asked_for_ever() -> None:
    page = {"IsTruncated": True, "Uploads": [entry("a")], "NextKeyMarker": "a"}
    pages = Pages(page)
    assert set(keys(pages)) == {"a"}
    assert len(pages.asked) == 2
