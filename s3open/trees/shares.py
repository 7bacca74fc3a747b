"""What one file of many may use: others are on their way beside it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from s3open.config import MIB, SIDE_BY_SIDE

if TYPE_CHECKING:
    from s3open.config import Config

# So many large files are moved at once by a process; more would share the same link.
LARGE = 4


@lru_cache(maxsize=8)
def share(config: Config) -> Config:
    """Return *config* for one of `LARGE` files, whose memory is bounded together."""
    memory = max(2 * MIB, min(config.memory, config.total_memory // LARGE))
    return config if memory == config.memory else replace(config, memory=memory)


def whole(config: Config) -> int:
    """Return up to how many bytes a file is kept in memory, and moved by one request.

    Of these there are `SIDE_BY_SIDE` on their way, most likely, each of them in memory.
    Larger ones are told by *config* what they may take; so are these together.
    """
    return min(config.part_size, max(2 * MIB, config.total_memory // SIDE_BY_SIDE))
