"""Files that were written but could not be published, kept on this machine.

Each is two files, readable by the user alone, in ``$XDG_STATE_HOME/s3open/recovery``
(``~/.local/state`` where that is unset): ``NAME.data`` holds the bytes, ``NAME.json``
says where they belong. No credentials are in either.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

from s3open.spool import gathered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO

    from s3open.spool import Spool

_CHUNK = 1 << 20


def directory() -> Path:
    """Return the directory of recovery files; it need not exist.

    Raises FileNotFoundError where the user has no home.
    """
    state = Path(os.environ.get("XDG_STATE_HOME", ""))
    if not state.is_absolute():
        # The XDG specification has relative ones ignored.
        try:
            state = Path.home() / ".local" / "state"
        except RuntimeError as error:
            raise FileNotFoundError(
                errno.ENOENT, "no home directory: set XDG_STATE_HOME", "~"
            ) from error
    return state / "s3open" / "recovery"


def new_name() -> str:
    """Return a name that no other recovery file has."""
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
    return f"{stamp}-{os.getpid()}-{secrets.token_hex(4)}"


def keep(spool: Spool, description: Mapping[str, object], name: str) -> str:
    """Copy what was written into *spool* to a recovery file and return its path.

    What an earlier try has left under that *name* is replaced. The data stands where it
    belongs; what was not written is a hole, and not among the ranges ``written`` of the
    JSON beside it, where *description* goes, too. Raises OSError if there is no room.
    """
    spans = spool.altered()
    written = [[span.start, span.stop] for span in spans]
    about = {**description, "size": spool.size, "written": written}
    text = json.dumps(about, default=str)
    folder = directory()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    data = folder / f"{name}.data"
    try:
        remove(data)
        with _create(data) as file:
            for span in spans:
                file.seek(span.start)
                for start in range(span.start, span.stop, _CHUNK):
                    piece = range(start, min(start + _CHUNK, span.stop))
                    file.write(gathered(piece, spool.read_at))
            file.truncate(spool.size)
            file.flush()
            os.fsync(file.fileno())
        # The description comes last: where it is, the data is whole.
        describe(data, text)
    except BaseException:
        remove(data)
        raise
    return str(data)


def remove(data: Path) -> None:
    """Delete a recovery file; that it is gone already is fine."""
    # In this order, for the description is what makes it one.
    data.with_suffix(".json").unlink(missing_ok=True)
    data.unlink(missing_ok=True)


def describe(data: Path, text: str) -> None:
    """Make *text* the description of *data*, in place of what it was: all, or not."""
    fresh = data.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    try:
        with _create(fresh) as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(data.with_suffix(".json"))
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _create(path: Path) -> IO[bytes]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "wb")
