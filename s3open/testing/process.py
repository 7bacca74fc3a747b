"""The server as a process: for benchmarks, where it must not share a core's lock."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from s3open.testing.environment import environment
from s3open.testing.sockets import Shape

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from types import TracebackType

    from typing_extensions import Self


class ServerProcess:
    """``python -m s3open.testing``, from the beginning of a ``with`` block to its end.

    It ends with this process too, however that comes about: it waits for the end of
    its input. *synthetic* maps ``bucket/key`` to the size of an object that takes no
    memory.
    """

    def __init__(  # noqa: PLR0913 - settings, each of them optional
        self,
        *,
        region: str = "us-east-1",
        buckets: Collection[str] = (),
        synthetic: Mapping[str, int] | None = None,
        md5_etags: bool = True,
        keep_bodies: bool = True,
        anonymous: bool = False,
        shape: Shape | None = None,
    ) -> None:
        self.region = region
        self.access_key = "s3open"
        self.secret_key = "s3open-secret"
        shape = shape or Shape()
        self._arguments = [
            f"--region={region}",
            f"--latency={shape.latency}",
            *(f"--bucket={name}" for name in buckets),
            *(f"--synthetic={at}={size}" for at, size in (synthetic or {}).items()),
        ]
        flags = {
            "--opaque-etags": not md5_etags,
            "--discard-bodies": not keep_bodies,
            "--anonymous": anonymous,
            f"--bandwidth={shape.bandwidth}": shape.bandwidth is not None,
        }
        self._arguments += [flag for flag, wanted in flags.items() if wanted]
        self._process: subprocess.Popen[str] | None = None
        self._endpoint_url = ""

    @property
    def endpoint_url(self) -> str:
        """Where it listens; RuntimeError unless started."""
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._endpoint_url

    @property
    def pid(self) -> int:
        """Its process id; RuntimeError unless started."""
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process.pid

    def environment(self) -> dict[str, str]:
        """Return the variables that make AWS clients use this server and no other."""
        return environment(
            self.endpoint_url, self.region, self.access_key, self.secret_key
        )

    def start(self) -> None:
        """Start it and wait until it listens; RuntimeError if it does not."""
        command = [sys.executable, "-m", "s3open.testing", "--until-end-of-input"]
        process = subprocess.Popen(
            [*command, *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        self._process = process
        if not line.startswith("http://"):
            self.stop()
            raise RuntimeError("the server did not start")
        self._endpoint_url = line

    def stop(self) -> None:
        """End it and wait for its end."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
