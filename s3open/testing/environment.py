"""The environment in which AWS clients find a server of ours, and nothing else."""

from __future__ import annotations

import os
from typing import Final

# What would lead a client elsewhere, or make it sign as somebody else.
MISLEADING: Final = (
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"),
    *("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_ROLE_ARN"),
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)


def environment(
    endpoint_url: str, region: str, access_key: str, secret_key: str
) -> dict[str, str]:
    """Return the variables; no configuration of the user's may interfere."""
    return {
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL_S3": endpoint_url,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
