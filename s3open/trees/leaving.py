"""What was moved leaves its place on S3: removed if it still is what was copied.

A thousand at a time, by their ETags. Who has replaced one meanwhile keeps it, and is
told so.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

from s3open.contract import Doomed
from s3open.stores import keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3open.config import Config
    from s3open.trees.course import Telling
    from s3open.trees.places import Place
    from s3open.trees.tasks import Outcome, Task

_MOST = 1000


class Leaving:
    """The objects below *source* that were copied to below *target*.

    *always* is what requests that look at them have to say: a customer's key.
    """

    def __init__(
        self,
        config: Config,
        source: Place,
        target: Place,
        telling: Telling,
        always: Mapping[str, Any],
    ) -> None:
        self._config = config
        self._always = always
        self._source = source
        self._target = target
        self._telling = telling
        self._copied: dict[Doomed, tuple[Task, Outcome]] = {}

    def add(self, task: Task, outcome: Outcome) -> None:
        """Have the source of *task* removed, now or later."""
        if outcome.etag is None:
            # A removal without a condition might be that of another one.
            message = "it was only copied: the store does not say what its ETag is"
            name = self._source.told(task.source)
            self._telling.tell("fail", name, error=OSError(errno.EIO, message, name))
            return
        key = self._source.location(task.source).key
        self._copied[Doomed(key, None, outcome.etag)] = task, outcome
        if len(self._copied) >= _MOST:
            self.flush()

    def flush(self) -> None:
        """Have all of them removed, and tell of each."""
        copied, self._copied = self._copied, {}
        at = self._source.at
        assert at is not None
        removed = keys.remove_many(self._config, at, copied, always=self._always)
        for doomed, error in removed:
            task, outcome = copied[doomed]
            self._telling.tell(
                "move" if error is None else "fail",
                self._source.told(task.source),
                self._target.told(task.target),
                outcome.size,
                error,
            )
