"""That there are two users to test with, where a store has two."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s3open import FileSystem
    from tests.stores import S3Store


def test_a_second_user_is_somebody_else(
    s3: S3Store, other: tuple[FileSystem, str]
) -> None:
    fs, owner = other
    assert owner
    assert owner != s3.client.list_buckets()["Owner"]["ID"]
    assert fs.config.access_key != s3.endpoint.access_key
