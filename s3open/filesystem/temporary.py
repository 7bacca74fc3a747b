"""Directories for a while."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from s3open.filesystem.base import place, root, within
from s3open.filesystem.changing import Changing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.naming import Name


class Temporary(Changing):
    """What is removed when it is not needed any more."""

    @contextmanager
    def tempdir(self, uri: Name, prefix: str = "tmp") -> Iterator[str]:
        """Give a new directory in *uri*, a bucket or a directory, for a ``with`` block.

        When the block ends, also by an exception, it is removed with all that is in it,
        and nothing else ever is. (Only by the process that made it, if that has forked;
        in a versioned bucket the versions stay.) Its name is random, begins with
        *prefix*, and has no slash at its end. One request for its marker at the
        beginning; at the end one to list and one to delete a thousand files.
        """
        at = place(uri)
        if isinstance(at, str):
            import tempfile

            with tempfile.TemporaryDirectory(prefix=prefix, dir=at) as folder:
                yield folder
            return
        import secrets

        from s3open.stores import markers

        key = f"{within(at).key}{prefix}{secrets.token_hex(16)}"
        name = root(at) + key
        markers.make(self._config, replace(at, key=key, uri=name))
        maker = os.getpid()
        try:
            yield name
        finally:
            if os.getpid() == maker:
                with suppress(FileNotFoundError):
                    # A name is no pattern here, whatever its parent is called.
                    self.rm(name + "/", recursive=True, glob=False, progress=False)
