"""Publishing a changed object: what did not change is copied by the store.

The parts are copied and sent at once, by few threads; what is needed of the old bytes
around a change is fetched in the thread that publishes, as a download wants it.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from s3open.spool import gathered
from s3open.writing import parts
from s3open.writing.plan import planned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeAlias

    from s3open.contract import Content, Part, Writer
    from s3open.writing.plan import Step

    # Makes one part; None where the store turns out to copy nothing.
    Task: TypeAlias = Callable[[], Part | None]

# So many parts are under way at once, with their bytes in memory if they are sent.
_WORKERS = 8


def upload(
    content: Content,
    writer: Writer,
    part_size: int,
    *,
    base_size: int,
    dirty: Iterable[range],
) -> None:
    """Publish all of *content*, or nothing.

    Only *dirty*, and what lies behind *base_size*, differs from the object of that size
    that *writer* copies from. Raises what *writer* raises.
    """
    steps = planned(content.size, base_size, dirty, part_size)
    if not (writer.copies and any(step.copied for step in steps)):
        parts.upload(content, writer, part_size)
        return
    upload_id = writer.begin()
    try:
        tasks = _tasks(steps, content, writer, upload_id)
        # At the end of the program no thread can be started any more.
        alone = len(steps) == 1 or not threading.main_thread().is_alive()
        made = _one_by_one(tasks) if alone else _at_once(tasks)
        if made is not None:
            writer.complete(upload_id, made)
            return
    except BaseException:
        parts.abort(writer, upload_id)
        raise
    parts.abort(writer, upload_id)
    parts.upload(content, writer, part_size)


def _tasks(
    steps: Iterable[Step], content: Content, writer: Writer, upload_id: str
) -> Iterator[Task]:
    """Yield what makes each part; bytes to be sent are read when it is asked for."""
    for number, step in enumerate(steps, start=1):
        if step.copied:
            yield partial(writer.copy_part, upload_id, number, step.span)
        else:
            body = gathered(step.span, content.read_at)
            yield partial(writer.put_part, upload_id, number, [body])


def _one_by_one(tasks: Iterable[Task]) -> list[Part] | None:
    made = []
    for task in tasks:
        part = task()
        if part is None:
            return None
        made.append(part)
    return made


def _at_once(tasks: Iterable[Task]) -> list[Part] | None:
    """Run *tasks* in threads; all of them have ended when this returns, or raises."""
    # Some 10 ms, which only those pay who need it.
    from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="s3open") as pool:
        futures = []
        running = set()
        for task in tasks:
            futures.append(pool.submit(task))
            running.add(futures[-1])
            if len(running) == _WORKERS:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                if any(future.result() is None for future in done):
                    return None
        made = [future.result() for future in futures]
    found = [part for part in made if part is not None]
    return found if len(found) == len(made) else None
