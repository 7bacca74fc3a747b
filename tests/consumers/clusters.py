"""A cluster of Dask's: two worker processes on this machine."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.consumers.consumer import Library

if TYPE_CHECKING:
    from collections.abc import Iterator

distributed = Library("distributed")


@contextmanager
def cluster(**environment: str) -> Iterator[Any]:
    """Give a client of one, whose workers have *environment* besides this one."""
    # It tells of each worker that dies, which is what is tested.
    settings = {"distributed.worker.daemon": True}
    configured = Library("dask").config.set(settings)
    with (
        configured,
        distributed.LocalCluster(
            n_workers=2,
            env=environment,
            threads_per_worker=2,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        ) as made,
        distributed.Client(made) as client,
    ):
        yield client
