"""The server in a process of its own, with its counters within reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.partner import Partner, answer, pin, question
from benchmarks.workloads import BUCKET, SMALL, SUMMED, TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from types import TracebackType

    from typing_extensions import Self

    from benchmarks.workloads import Profile, Workload
    from s3open.testing import S3Server

CONTENT = (b"All of it or nothing, when the block is left.\n" * 90)[:SMALL]


@dataclass(frozen=True)
class Traffic:
    """What went over the wire; bytes are those of bodies, as the server saw them.

    *fetched* are those of objects, without answers that are XML; of the last 10,000
    requests, which the server remembers.
    """

    requests: Mapping[str, int]
    received: int
    sent: int
    fetched: int


class Server:
    """The server on *cores*, with the objects that *works* need.

    It forgets what is uploaded, so that all peers find the same memory.
    """

    def __init__(self, cores: Collection[int], works: Iterable[Workload]) -> None:
        self._settings = {
            "cores": list(cores),
            "objects": {work.source: work.size for work in works if work.source},
        }
        self._partner = Partner("benchmarks.server", {})
        self.environment: dict[str, str] = {}

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

    def shape(self, profile: Profile) -> None:
        """Be as slow as *profile* says, from the next request on."""
        self._partner.ask({"shape": [profile.latency, profile.bandwidth]})

    def make(self, name: str, size: int) -> None:
        """Have a synthetic object there, whatever became of it."""
        self._partner.ask({"make": [name, size]})

    def size(self, name: str) -> int:
        """Return the size of an object."""
        size: int = self._partner.ask({"size": name})
        return size

    def fill(self, prefix: str, count: int, size: int) -> None:
        """Have *count* synthetic objects below *prefix*, of *size* bytes together."""
        self._partner.ask({"fill": [prefix, count, size // count]})

    def drop(self, prefix: str) -> None:
        """Delete all objects whose keys begin with *prefix*, but the small one."""
        self._partner.ask({"drop": prefix})

    def told(self, prefix: str) -> tuple[int, int]:
        """Return how many objects are below *prefix*, and their bytes together."""
        count, size = self._partner.ask({"told": prefix})
        return count, size

    def traffic(self) -> Traffic:
        """Return the traffic since the last call."""
        return Traffic(**self._partner.ask({"traffic": None}))


def text(size: int) -> bytes:
    """Return *size* bytes of lines that differ in length."""
    words = ["all", "of", "it", "or", "nothing", "when", "the", "block", "is", "left"]
    lines = [" ".join(words[: 1 + number % 9] * 3) + "\n" for number in range(5000)]
    block = "".join(lines).encode("ascii")
    return (block * (size // len(block) + 1))[: size - 1] + b"\n"


def _serve(settings: Any) -> None:
    from s3open.testing import S3Server

    pin(settings["cores"])
    with S3Server(md5_etags=False, keep_bodies=False) as server:
        server.create_bucket(BUCKET)
        # For `bare`, and for the ceiling.
        server.bucket_anonymous(BUCKET, allowed=True)
        for name, size in settings["objects"].items():
            if name in (TEXT, SUMMED):
                server.put(BUCKET, name, text(size))
            elif name != "small":
                server.synthetic(BUCKET, name, size)
        server.put(BUCKET, "small", CONTENT)
        answer(
            {
                **server.environment(),
                "AWS_ENDPOINT_URL": server.endpoint_url,
                "AWS_REGION": server.region,
            }
        )
        _answer_all(server)


def _fill(server: S3Server, value: tuple[str, int, int]) -> None:
    prefix, count, size = value
    for number in range(count):
        server.synthetic(BUCKET, f"{prefix}{number:06d}", size)


def _below(server: S3Server, prefix: str) -> list[str]:
    return [key for key in server.keys(BUCKET) if key.startswith(prefix)]


def _drop(server: S3Server, prefix: str) -> None:
    for key in _below(server, prefix):
        if key != "small":
            server.delete(BUCKET, key)


def _tell(server: S3Server, prefix: str) -> tuple[int, int]:
    sizes = [server.head(BUCKET, key).size for key in _below(server, prefix)]
    return len(sizes), sum(sizes)


_ANSWERS: dict[str, Callable[[S3Server, Any], object]] = {
    "size": lambda server, name: server.head(BUCKET, name).size,
    "fill": _fill,
    "drop": _drop,
    "told": _tell,
}


def _answer_all(server: S3Server) -> None:
    from s3open.testing import Shape

    while True:
        with server.counting() as tally:
            while True:
                asked = question()
                if asked is None:
                    return
                [(what, value)] = asked.items()
                if what == "traffic":
                    break
                if what == "shape":
                    server.shape = Shape(*value)
                elif what == "make":
                    server.synthetic(BUCKET, *value)
                else:
                    answer(_ANSWERS[what](server, value))
                    continue
                answer(None)
        answer(
            {
                "requests": dict(tally.operations),
                "received": tally.bytes_in,
                "sent": tally.bytes_out,
                "fetched": sum(
                    record.bytes_out
                    for record in tally.records
                    if record.operation == "GetObject"
                ),
            }
        )


if __name__ == "__main__":
    _serve(question())
