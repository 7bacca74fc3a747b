"""A strict S3 server in memory, for tests, demonstrations and benchmarks.

It checks what others let pass: signatures, checksums, conditions, limits. Importing
this package imports none of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s3open.testing.faults import Fault
    from s3open.testing.process import ServerProcess
    from s3open.testing.server import S3Server
    from s3open.testing.sockets import Shape
    from s3open.testing.synthetic import synthetic_bytes
else:
    _HOMES = {
        "Fault": "faults",
        "S3Server": "server",
        "ServerProcess": "process",
        "Shape": "sockets",
        "synthetic_bytes": "synthetic",
    }

    def __getattr__(name: str) -> object:
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{home}"), name)


__all__ = ["Fault", "S3Server", "ServerProcess", "Shape", "synthetic_bytes"]
