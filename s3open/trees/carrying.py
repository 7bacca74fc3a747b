"""Tasks carried out: in a thread, in another process or on another machine."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from s3open.trees.tasks import Outcome

if TYPE_CHECKING:
    from s3open.trees.tasks import Hands, Task, Work


@dataclass(frozen=True)
class Carrying:
    """Does tasks of *work*, each when it is called with it; see `carry_out`.

    Pickles if *work* does. The hands, with their connections, stay behind: each process
    makes its own.
    """

    work: Work

    def __call__(self, task: Task) -> Outcome:
        return carry_out(self, task)

    @cached_property
    def hands(self) -> Hands:
        """Who does it here, in this direction. Each needs its own half of the house."""
        source, target = self.work.source.remote, self.work.target.remote
        if source and target:
            from s3open.trees.duplicates import Duplicates

            return Duplicates(self.work)
        if source:
            from s3open.trees.downloads import Downloads

            return Downloads(self.work)
        if target:
            from s3open.trees.uploads import Uploads

            return Uploads(self.work)
        from s3open.trees.neighbours import Neighbours

        return Neighbours(self.work)

    def stop(self) -> None:
        """Have large files that are under way end at the next part."""
        self.work.stopped.set()

    def __reduce__(self) -> tuple[Any, ...]:
        return Carrying, (self.work,)


def carry_out(carrying: Carrying, task: Task) -> Outcome:
    """Do *task*, and return what became of it; whatever stands in its way is raised.

    Doing it twice does no harm: every copy is made at once in the end, and a source
    that is moved is removed only if it still is what was copied.
    """
    hands = carrying.hands
    if task.other is not None and not hands.differ(task):
        return Outcome("skip", task.size, note="same")
    try:
        return hands.carry(task)
    except FileExistsError:
        if carrying.work.choices.skip:
            return Outcome("skip", task.size, note="exists")
        raise
