"""100,000 keys of a real server, listed and synced by a process of its own.

Its memory is what the system says of it: a tree that is twice as large takes no more
of it. (Were the entries kept, these would be some 20 MiB for each side.)
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from s3open.testing import S3Server

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "s3open-scale"
HERE = f"s3://{BUCKET}"
# Below a/ there is half of them.
COUNTS = {"a/": 50_000, "": 100_000}
FLAT = 12 << 20

# The peak of the process itself: what others tell begins with that of its parent.
PROGRAM = """
import sys
from s3open.cli import main
code = main(sys.argv[1:])
with open("/proc/self/status") as status:
    [peak] = [line.split()[1] for line in status if line.startswith("VmHWM:")]
print(peak, file=sys.stderr)
sys.exit(code)
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")


class Ended(NamedTuple):
    lines: list[str]
    peak: int


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    with S3Server() as made:
        made.create_bucket(BUCKET)
        for side in ("from", "to"):
            for name in names("", 100_000):
                made.synthetic(BUCKET, f"{side}/{name}", 3)
                # The same bytes, as a store that knows them would say.
                made.head(BUCKET, f"{side}/{name}").etag = f"{name[-6:]:>032}"
        for variable, value in made.environment().items():
            monkeypatch.setenv(variable, value)
        yield made


def names(below: str, count: int) -> list[str]:
    """Return what there is, in order: two halves, each in 50 folders."""
    found = (
        f"{half}/{folder:02}/{number:06}"
        for half in "ab"
        for folder in range(50)
        for number in range(folder, 50_000, 50)
    )
    chosen = [name for name in found if name.startswith(below)]
    assert len(chosen) == count
    return chosen


def run(line: str) -> Ended:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *line.split()],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return Ended(done.stdout.splitlines(), int(done.stderr) << 10)


def test_100_000_keys_are_listed_and_synced_in_flat_memory(server: S3Server) -> None:
    listing, syncing = [], []
    for below, count in COUNTS.items():
        with server.counting() as seen:
            ended = run(f"ls -r {HERE}/from/{below}")
        assert ended.lines == [f"{HERE}/from/{name}" for name in names(below, count)]
        # Little more than a page for every thousand, though several go at once.
        assert seen.total < count // 1000 * 1.5 + 10
        listing.append(ended.peak)
        with server.counting() as seen:
            ended = run(f"sync {HERE}/from/{below} {HERE}/to/{below} --delete")
        assert ended.lines == []
        assert set(seen.operations) == {"ListObjectsV2"}
        syncing.append(ended.peak)
    assert listing[1] - listing[0] < FLAT, listing
    assert syncing[1] - syncing[0] < FLAT, syncing
