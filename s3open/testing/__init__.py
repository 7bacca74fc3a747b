"""A strict S3 server in memory, for tests, demonstrations and benchmarks.

It checks what others let pass: signatures, checksums, conditions, limits. It speaks
HTTP on a socket of this machine, so that any client may be tested with it, in any
language. Importing this package imports none of it.

| name | what it is |
| --- | --- |
| `S3Server` | the server, in a thread of this process |
| `ServerProcess` | the same, in a process of its own |
| `Fault`, `ArmedFault` | what is to go wrong, and what of it is in force |
| `Shape` | how slow the way to the server is |
| `Record`, `Tally` | one request, and sums over many |
| `synthetic_bytes` | what is in objects that take no memory |

The pytest plug-in (`s3open.testing.plugin`) has fixtures of them: ``s3open_server``,
``s3open_bucket``, ``s3open_fault`` and ``s3open_shape``. The command ``s3open sandbox``
runs the server for programs of other kinds.

    >>> from s3open.testing import Fault, S3Server
    >>> with S3Server() as server:
    ...     server.create_bucket("data")
    ...     etag = server.put("data", "key", b"text", content_type="text/plain")
    ...     fs = s3open.FileSystem(
    ...         endpoint_url=server.endpoint_url,
    ...         region=server.region,
    ...         access_key=server.access_key,
    ...         secret_key=server.secret_key,
    ...     )
    ...     with server.counting() as tally, server.faulty(Fault(status=503)) as fault:
    ...         with fs.open("s3://data/key") as file:
    ...             print(file.read(), fault.fired, dict(tally.operations))
    text 1 {'GetObject': 2}
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s3open.testing.counters import Record, Tally
    from s3open.testing.faults import ArmedFault, Fault
    from s3open.testing.process import ServerProcess
    from s3open.testing.server import S3Server
    from s3open.testing.sockets import Shape
    from s3open.testing.synthetic import synthetic_bytes
else:
    _HOMES = {
        "ArmedFault": "faults",
        "Fault": "faults",
        "Record": "counters",
        "S3Server": "server",
        "ServerProcess": "process",
        "Shape": "sockets",
        "Tally": "counters",
        "synthetic_bytes": "synthetic",
    }

    def __getattr__(name: str) -> object:
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{home}"), name)

    def __dir__() -> list[str]:
        return [*globals(), *_HOMES]


__all__ = [
    "ArmedFault",
    "Fault",
    "Record",
    "S3Server",
    "ServerProcess",
    "Shape",
    "Tally",
    "synthetic_bytes",
]
