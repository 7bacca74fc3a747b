"""Publishing a changed object: what did not change is copied by the store.

The parts are copied and sent side by side, a few at a time; what is needed of the old
bytes around a change is fetched in the thread that publishes, as a download wants it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from s3open.s3.jobs import Job, wait_for_room
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
        made = _made(tasks)
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


def _made(tasks: Iterable[Task]) -> list[Part] | None:
    """Return the parts that *tasks* make, in threads; None as soon as one makes none.

    All of them have ended when this returns, or raises.
    """
    jobs: list[Job[Part | None]] = []
    running: list[Job[Part | None]] = []
    try:
        for task in tasks:
            wait_for_room(running, _WORKERS)
            ended = [job for job in running if job.done]
            if any(job.result() is None for job in ended):
                return None
            running = [job for job in running if job not in ended]
            jobs.append(Job(task, started=False))
            running.append(jobs[-1])
            jobs[-1].start()
        made = [job.result() for job in jobs]
    finally:
        for job in jobs:
            job.cancel()
    found = [part for part in made if part is not None]
    return found if len(found) == len(made) else None
