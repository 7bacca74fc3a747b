"""The subcommands for what objects are given, and the flags that only these have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open.cli.kinds import Flag

if TYPE_CHECKING:
    from s3open.cli.kinds import Command

OBJECTS: tuple[Command, ...] = ()

FLAGS: dict[str, Flag] = {
    "bypass_governance": Flag(
        ("--bypass-governance",),
        "also versions that a retention in governance mode keeps",
    ),
}
