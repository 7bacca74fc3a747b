"""The standard library: what copies, maps, or hands the descriptor to others."""

from __future__ import annotations

import io
import mmap
import os
import shutil
import subprocess
from typing import Any

from tests.consumers.consumer import Consumer, as_bytes


def write_copy(file: Any, numbers: list[int]) -> None:
    shutil.copyfileobj(io.BytesIO(as_bytes(numbers)), file, 50_000)


def read_copy(file: Any) -> object:
    copy = io.BytesIO()
    shutil.copyfileobj(file, copy)
    return copy.getvalue()


def write_map(file: Any, numbers: list[int]) -> None:
    content = as_bytes(numbers)
    file.truncate(len(content))
    with mmap.mmap(file.fileno(), len(content)) as memory:
        memory[:] = content
        memory.flush()


def read_map(file: Any) -> object:
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as memory:
        return memory[:], memory.rfind(b"\0"), file.read(10)


def write_by_child(file: Any, numbers: list[int]) -> None:
    file.write("head" if hasattr(file, "encoding") else b"head")
    file.flush()
    subprocess.run(["cat"], input=as_bytes(numbers), stdout=file, check=True)
    file.seek(0, os.SEEK_CUR)


def read_by_child(file: Any) -> object:
    # The first goes on where this process is, the second where the first has ended.
    os.lseek(file.fileno(), 7, os.SEEK_SET)
    child = subprocess.run(
        ["dd", "bs=100", "count=1"], stdin=file, capture_output=True, check=True
    )
    rest = subprocess.run(["cat"], stdin=file, capture_output=True, check=True)
    return child.stdout, rest.stdout


def write_to_descriptor(file: Any, numbers: list[int]) -> None:
    os.writev(file.fileno(), [as_bytes(numbers), b"end"])
    os.truncate(file.fileno(), 90_000)


def read_from_descriptor(file: Any) -> object:
    size = os.fstat(file.fileno()).st_size
    return size, os.pread(file.fileno(), 1_000_000, size // 2), file.read()


CONSUMERS = [
    Consumer("shutil", write_copy, read_copy),
    Consumer("mmap", write_map, read_map, mode="w+b"),
    Consumer("subprocess", write_by_child, read_by_child),
    Consumer("descriptor", write_to_descriptor, read_from_descriptor),
]
