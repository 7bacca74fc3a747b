"""The subcommands for buckets, and the flags that only these have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s3open.cli.kinds import Command, Flag

BUCKETS: tuple[Command, ...] = ()

FLAGS: dict[str, Flag] = {}
