"""After fork parent and child are both right; only the opener of a writer publishes."""

import contextlib
import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

import s3open
from s3open import Config
from s3open.testing import S3Server
from tests.fakes import KIB, MIB, FakeStore, pattern
from tests.unit.forking import in_child
from tests.unit.programs import run
from tests.unit.writers import LAYERS, URI, kept, opened, put

SMALL = Config(memory=2 * MIB, part_size=8 * MIB)  # none is sent before the end
CONTENT = pattern(5 * MIB + 11)


@pytest.mark.parametrize("buffering", [0, -1])
@pytest.mark.parametrize("before", [0, 10, MIB, 3 * MIB, len(CONTENT)])
def test_a_reader_goes_on_in_parent_and_child(
    store: FakeStore, buffering: int, before: int
) -> None:
    store.add("k", CONTENT)
    store.step = 64 * KIB
    with s3open.open(URI, "rb", buffering, config=SMALL) as file:
        assert file.read(before) == CONTENT[:before]

        def go_on() -> bool:
            with file:
                rest = bytes(file.read())
                file.seek(0)
                return rest == CONTENT[before:] and bytes(file.read()) == CONTENT

        assert in_child(go_on, meanwhile=lambda: file.seek(before))
        assert file.read() == CONTENT[before:]
        file.seek(before)
        assert in_child(go_on)
        file.seek(0)
        assert file.read() == CONTENT


def test_a_reader_of_text_goes_on_in_parent_and_child(store: FakeStore) -> None:
    store.add("k", "äöü\n".encode() * 1000)
    with s3open.open(URI, encoding="utf-8") as file:
        assert file.readline() == "äöü\n"

        def count() -> int:
            return sum(line == "äöü\n" for line in file)

        assert in_child(count) == 999
        assert count() == 999


def test_the_child_leaves_the_parent_s_body_alone(store: FakeStore) -> None:
    store.add("k", CONTENT)
    store.step = 1000
    with s3open.open(URI, "rb", buffering=0) as file:
        file.read(1000)
        (body,) = store.bodies
        taken = body.taken

        def read_and_close() -> tuple[int, bool]:
            file.read(5000)
            file.close()
            return body.taken, body.closed

        assert in_child(read_and_close) == (taken, False)
        assert file.read(5000) == CONTENT[1000:6000]
        assert len(store.bodies) == 1


def test_a_reader_dropped_in_the_child_warns_of_nothing(store: FakeStore) -> None:
    store.add("k", CONTENT)
    files = [s3open.open(URI, "rb")]
    files[0].read(10)

    def drop() -> bool:
        files.clear()
        return store.bodies[0].closed

    assert not in_child(drop)
    files[0].close()


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("size", [3, 4 * MIB])
def test_a_writer_s_copy_in_the_child_publishes_and_keeps_nothing(
    store: FakeStore, state: Path, layer: str, size: int
) -> None:
    content = pattern(size)
    file = opened(layer, SMALL)
    put(file, content)
    file.flush()
    put(file, b"pending")

    def close() -> tuple[bool, int]:
        before = len(store.requests)
        # There may be something in the buffer, and there is nowhere to put it.
        with contextlib.suppress(io.UnsupportedOperation):
            file.close()
        return file.closed, len(store.requests) - before

    assert in_child(close) == (True, 0)
    put(file, b"more")
    file.close()
    assert store.objects["k"].body == content + b"pendingmore"
    assert kept(state) == []


@pytest.mark.parametrize("layer", LAYERS)
def test_a_child_cannot_write_to_its_parent_s_file(
    store: FakeStore, state: Path, layer: str
) -> None:
    content = pattern(5 * MIB)
    file = opened(layer, SMALL)
    put(file, content)
    file.flush()

    def write(how: str) -> str:
        try:
            if how == "write":
                put(file, b"child" * MIB)
                file.flush()
            else:
                file.truncate(10)
        except OSError as error:
            return type(error).__name__
        return "was allowed"

    for how in ("write", "truncate"):
        assert in_child(partial(write, how)) == "UnsupportedOperation"
    file.close()
    assert store.objects["k"].body == content
    assert kept(state) == []


def test_a_child_can_read_back_what_was_written(store: FakeStore) -> None:
    content = pattern(5 * MIB)
    with opened("updating", SMALL) as file:
        file.write(content)
        file.seek(0)
        assert in_child(lambda: file.read() == content)
        file.seek(0, 2)
        file.write(b"more")
    assert store.objects["k"].body == content + b"more"


@pytest.mark.parametrize("layer", LAYERS)
def test_a_child_that_drops_a_writer_is_silent(
    store: FakeStore, state: Path, layer: str
) -> None:
    files = [opened(layer, SMALL)]
    put(files[0], b"whole")
    in_child(files.clear)
    assert kept(state) == []
    files[0].close()
    assert store.objects["k"].body == b"whole"


@pytest.mark.parametrize("layer", LAYERS)
def test_a_block_left_by_the_child_leaves_the_parent_s_file_alone(
    store: FakeStore, layer: str
) -> None:
    with opened(layer, SMALL) as file:
        put(file, pattern(4 * MIB))

        def leave() -> None:
            file.__exit__(SystemExit, SystemExit(), None)

        in_child(leave)
    assert store.objects["k"].body == pattern(4 * MIB)


def test_a_child_publishes_what_it_opened_itself(store: FakeStore) -> None:
    def write() -> bytes:
        with s3open.open("s3://b/child", "w") as file:
            file.write("child")
        return store.objects["child"].body

    with s3open.open(URI, "w") as file:
        file.write("parent")
        assert in_child(write) == b"child"
    assert store.objects["k"].body == b"parent"


# Over HTTP, where a connection may be shared by mistake.


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server() as server:
        server.create_bucket("fork")
        server.put("fork", "k", CONTENT)
        yield server


@pytest.mark.parametrize("before", [10, MIB])
def test_parent_and_child_read_at_the_same_time(server: S3Server, before: int) -> None:
    # With a body that is half read, or with a connection that lies idle.
    code = f"""
        file = s3open.open(uri, "rb", 0)
        assert file.read({before}) == content[:{before}]

        def jump():
            right = 0
            for number in range(40):
                start = number * 7919 * 1009 % len(content)
                file.seek(start)
                right += file.read(100) == content[start : start + 100]
            file.seek({before})
            return right, file.read() == content[{before}:]

        found = []
        say(in_child(jump, meanwhile=lambda: found.extend(jump())))
        say(found)
        file.close()
    """
    assert run(server, code) == [[40, True], [40, True]]


def test_a_connection_that_lay_idle_is_the_parent_s(server: S3Server) -> None:
    code = """
        file = s3open.open(uri, "rb", 0)
        # The first answer, to its last byte.
        assert file.read(MIB) == content[:MIB]

        def read_elsewhere():
            file.seek(4 * MIB)
            return file.read(1000) == content[4 * MIB : 4 * MIB + 1000]

        say(in_child(read_elsewhere))
        say(file.read(1000) == content[MIB : MIB + 1000])
        file.close()
    """
    with server.counting() as tally:
        assert run(server, code) == [True, True]
    connections = {
        str(record.range).partition("-")[0]: record.connection
        for record in tally.records
    }
    first, elsewhere, further = (
        connections[f"bytes={start}"] for start in (0, 4 * MIB, MIB)
    )
    assert elsewhere not in (first, further)


def test_parent_and_child_write_files_of_their_own(server: S3Server) -> None:
    code = """
        def write(name):
            with s3open.open(f"s3://fork/{name}", "wb") as file:
                file.write(name.encode() * 100)
            with s3open.open(f"s3://fork/{name}", "rb") as file:
                return file.read() == name.encode() * 100

        say(write("before"))
        found = []
        say(in_child(
            lambda: [write(f"child{n}") for n in range(5)],
            meanwhile=lambda: found.extend(write(f"parent{n}") for n in range(5)),
        ))
        say(found)
    """
    assert run(server, code) == [True, [True] * 5, [True] * 5]


def test_a_pool_of_forked_workers_reads_one_open_file(server: S3Server) -> None:
    code = """
        import multiprocessing, warnings

        # A pool forks with threads of its own.
        warnings.simplefilter("ignore", DeprecationWarning)
        file = s3open.open(uri, "rb", 0)
        file.read(100)

        def read(start):
            file.seek(start)
            return file.read(1000) == content[start : start + 1000]

        with multiprocessing.get_context("fork").Pool(3) as pool:
            say(pool.map(read, range(0, 5 * MIB, MIB // 2)))
            pool.close()
            pool.join()
        file.seek(100)
        say(file.read() == content[100:])
        file.close()
    """
    assert run(server, code) == [[True] * 10, True]
