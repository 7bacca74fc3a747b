"""What a recovery file is to know to be published later; and that, read again.

How the store was reached and what the object was to be given: no secrets. Which of the
options were secrets is noted, so that nobody publishes without them by oversight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open.config import Config
from s3open.s3.endpoint import is_aws
from s3open.stores import attributes
from s3open.stores.attributes import WriteOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONNECTION = ("profile", "region", "endpoint_url", "anonymous", "requester_pays")


def described(config: Config, endpoint: str, given: WriteOptions) -> dict[str, object]:
    """Return what to note of a file that is *given* options, at *endpoint*."""
    connection = {name: getattr(config, name) for name in _CONNECTION}
    return {
        # There may be a password in it.
        "endpoint": None if "@" in endpoint else endpoint,
        "connection": {name: value for name, value in connection.items() if value},
        "content_type": given.content_type,
        "metadata": None if given.metadata is None else dict(given.metadata),
        "settings": attributes.told(given.settings),
        "withheld": attributes.withheld(given.settings),
        "keep_tags": given.keep_tags,
    }


def config_of(about: Mapping[str, Any]) -> Config:
    """Return how the store was reached, credentials aside."""
    given = {name: about["connection"].get(name) for name in _CONNECTION}
    given = {name: value for name, value in given.items() if value is not None}
    endpoint = about["endpoint"]
    if endpoint is not None and not is_aws(endpoint):
        # It may have come from an environment that is another one now.
        given.setdefault("endpoint_url", endpoint)
    return Config(**given)


def options_of(about: Mapping[str, Any], options: Mapping[str, Any]) -> WriteOptions:
    """Return what the object was to be given, but for what *options* of `open` say.

    Raises TypeError and ValueError for options that cannot be, and where a secret is
    missing.
    """
    for name in options:
        if name not in attributes.NAMES:
            raise TypeError(f"publish() got an unexpected keyword argument {name!r}")
    said = attributes.parsed(options)
    if about["withheld"] and not attributes.encrypts(said.settings):
        raise ValueError(
            "it was to be encrypted by what is not kept: say sse_customer_key, or what "
            f"else gives {', '.join(about['withheld'])}"
        )
    noted = attributes.parsed(
        {
            "content_type": about["content_type"],
            "metadata": about["metadata"] if said.metadata is None else None,
            "extra_args": attributes.with_times(about["settings"]),
            "keep_tags": about["keep_tags"],
        }
    )
    return WriteOptions(
        said.content_type or noted.content_type,
        noted.metadata if said.metadata is None else said.metadata,
        said.over(noted.settings),
        said.keep_tags if "keep_tags" in options else noted.keep_tags,
    )
