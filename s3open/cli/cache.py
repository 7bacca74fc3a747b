"""``s3open cache``: what is kept of what was read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from s3open.cache.folder import opened
from s3open.cli.answers import json_line, size_text
from s3open.config import DEFAULT

if TYPE_CHECKING:
    from argparse import Namespace


def run(options: Namespace) -> int:
    """Tell of a cache, or empty it; return the exit code."""
    folder = options.cache_dir or default_folder()
    cache = opened(folder, DEFAULT.cache_size)
    clearing = options.action == "clear"
    found = cache.clear() if clearing else cache.usage()
    if options.json:
        print(json_line({"folder": folder, **found._asdict()}))
        return 0
    done = "deleted from" if clearing else "in"
    size = size_text(found.size, human=True)
    print(f"{found.entries} files, {size}, {done} {folder}")
    return 0


def default_folder() -> str:
    """Return where a cache is that nobody has said the place of."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification has relative ones ignored.
    base = Path(home) if os.path.isabs(home) else Path.home() / ".cache"
    return str(base / "s3open")
