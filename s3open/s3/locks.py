"""Object lock: what keeps an object from being deleted, and until when.

Outside the data path, hence by boto3 itself.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class Retention(NamedTuple):
    """Until when an object is kept, in UTC.

    *mode* is ``GOVERNANCE`` (some may shorten it) or ``COMPLIANCE`` (nobody can).
    """

    mode: str
    until: datetime
