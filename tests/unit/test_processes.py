"""Files and settings in the processes that multiprocessing makes, each way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from s3open.testing import S3Server
from tests.fakes import MIB, pattern
from tests.unit.programs import run

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS = ["fork", "spawn", "forkserver"]
# A fork with threads of its own is what is tested here.
IMPORTS = """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)
import multiprocessing, random, threading
from tests.unit.loading import Objects, Records, load
"""


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server() as server:
        server.create_bucket("fork")
        server.put("fork", "k", pattern(5 * MIB + 11))
        for number in range(40):
            server.put("fork", f"item-{number}", b"%d" % number * 1000)
        yield server


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("buffering", [0, -1])
def test_workers_read_one_open_file_by_number(
    server: S3Server, method: str, buffering: int
) -> None:
    code = f"""{IMPORTS}
records = Records(uri, 1000, {buffering})
# The parent is in the middle of it, with an answer that is half read.
records[7]
order = random.Random(1).choices(range(len(records)), k=200)
right = [content[number * 1000 : number * 1000 + 1000] for number in order]
say(load(records, order, 3, "{method}") == right)
say(records[8] == content[8000:9000])
records.close()
"""
    assert run(server, code) == [True, True]


@pytest.mark.parametrize("method", METHODS)
def test_workers_open_files_by_number(server: S3Server, method: str) -> None:
    code = f"""{IMPORTS}
objects = Objects(s3open.FileSystem(connections=2), "s3://fork/item-", 40)
# The parent has a connection that lies idle.
say(objects[3] == b"3" * 1000)
order = random.Random(1).choices(range(40), k=100)
right = [b"%d" % number * 1000 for number in order]
say(load(objects, order, 3, "{method}") == right)
"""
    assert run(server, code) == [True, True]


@pytest.mark.parametrize("method", METHODS)
def test_workers_are_made_while_another_thread_reads(
    server: S3Server, method: str
) -> None:
    code = f"""{IMPORTS}
records = Records(uri, 1000)
stop, right = threading.Event(), []

def go_on():
    # A file of its own, all the time, and the shared one's lock every now and then.
    with s3open.open(uri, "rb") as file:
        while not stop.is_set():
            file.seek(0)
            right.append(file.read() == content)

readers = [threading.Thread(target=go_on) for _ in range(3)]
for reader in readers:
    reader.start()
order = random.Random(1).choices(range(len(records)), k=50)
wanted = [content[number * 1000 : number * 1000 + 1000] for number in order]
for _ in range(3):
    say(load(records, order, 2, "{method}") == wanted)
stop.set()
for reader in readers:
    reader.join()
say(len(right) > 0 and all(right))
records.close()
"""
    assert run(server, code) == [True] * 4


def test_a_child_forked_while_the_shared_file_is_read_does_not_hang(
    server: S3Server,
) -> None:
    # Whoever forks again and again strikes every moment of a read.
    code = f"""{IMPORTS}
file = s3open.open(uri, "rb", 4096)
stop = threading.Event()

def go_on():
    start = 0
    while not stop.is_set():
        start = (start + 777_777) % len(content)
        file.seek(start)
        file.read(10_000)

reader = threading.Thread(target=go_on)
reader.start()

def read():
    with file:
        file.seek(1234567)
        return file.read(100_000) == content[1234567 : 1334567]

say([in_child(read) for _ in range(60)])
stop.set()
reader.join()
file.seek(0)
say(file.read() == content)
file.close()
"""
    assert run(server, code) == [[True] * 60, True]


def test_a_child_forked_while_a_thread_opens_the_first_file_does_not_hang(
    server: S3Server,
) -> None:
    # Most modules are imported only then, some only when there is more to be summed.
    code = f"""{IMPORTS}
def read():
    with s3open.open(uri, "rb") as file:
        return file.read() == content

reader = threading.Thread(target=read)
reader.start()
right = [in_child(read)]
while reader.is_alive():
    right.append(in_child(read))
reader.join()
say(all(right))
"""
    assert run(server, code) == [True]


def test_a_child_has_none_of_its_parent_s_threads_and_makes_its_own(
    server: S3Server,
) -> None:
    code = f"""{IMPORTS}
def write(key):
    with s3open.open(f"s3://fork/{{key}}", "wb") as file:
        for start in range(0, 4 * len(content), len(content)):
            file.write(content)
        threads = threading.active_count()
    return threads

def names():
    return [each.name for each in threading.enumerate()]

say(write("parent") > 1)
say("s3open" in names())
say(in_child(names))
say(in_child(lambda: write("child")) > 1)
"""
    assert run(server, code) == [True, True, ["MainThread"], True]
    for key in ("parent", "child"):
        assert server.read("fork", key) == pattern(5 * MIB + 11) * 4
