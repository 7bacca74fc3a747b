"""The server in a process of its own, with its counters within reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.partner import Partner, answer, pin, question
from benchmarks.workloads import BUCKET, SMALL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from typing_extensions import Self

# Text, for the modes that decode it.
CONTENT = (b"All of it or nothing, when the block is left.\n" * 90)[:SMALL]


@dataclass(frozen=True)
class Traffic:
    """What went over the wire; bytes are those of bodies, as the server saw them."""

    requests: Mapping[str, int]
    received: int
    sent: int


class Server:
    """The server on *core*, with *synthetic* objects and a small one.

    It forgets what is uploaded, so that all contenders find the same memory.
    """

    def __init__(self, core: int | None, synthetic: Mapping[str, int]) -> None:
        self._settings = {"core": core, "synthetic": dict(synthetic)}
        self._partner = Partner("benchmarks.server", {})
        self.environment: Mapping[str, str] = {}

    def __enter__(self) -> Self:
        self._partner.__enter__()
        self.environment = self._partner.ask(self._settings)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._partner.__exit__(kind, error, trace)

    def traffic(self) -> Traffic:
        """Return the traffic since the last call."""
        return Traffic(**self._partner.ask("traffic"))


def _serve(settings: Any) -> None:
    from s3open.testing import S3Server

    pin(settings["core"])
    with S3Server(md5_etags=False, keep_bodies=False) as server:
        server.create_bucket(BUCKET)
        server.put(BUCKET, "small", CONTENT)
        for key, size in settings["synthetic"].items():
            server.synthetic(BUCKET, key, size)
        answer(server.environment())
        while True:
            with server.counting() as tally:
                if question() is None:
                    return
            answer(
                {
                    "requests": dict(tally.operations),
                    "received": tally.bytes_in,
                    "sent": tally.bytes_out,
                }
            )


if __name__ == "__main__":
    _serve(question())
