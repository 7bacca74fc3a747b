"""The pages of a listing, the next one asked for while one is consumed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from s3open import errors
from s3open.s3 import retry
from s3open.s3.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from s3open.contract import Page
    from s3open.location import Location
    from s3open.s3.verbs import Verbs

    # Returns the page behind a token, the first one for None.
    Ask: TypeAlias = Callable[[str | None], Page]


class Asked:
    """A page that was asked for, again if need be. Not thread-safe."""

    def __init__(self, verbs: Verbs, ask: Ask, token: str | None) -> None:
        self._work = lambda: retry.repeated(lambda: ask(token), verbs.patience)
        self._job = Job(self._work)
        self._process = os.getpid()

    @property
    def came(self) -> bool:
        """Whether it is there."""
        return self._job.done and not self._job.failed

    def result(self) -> Page:
        """Return it when it has come; raises S3Error if it does not."""
        if self._process != os.getpid() and not self._job.done:
            # Who was to fetch it is a thread of the parent's.
            self._process = os.getpid()
            self._job = Job(self._work)
        return self._job.result()


def pages(verbs: Verbs, at: Location, ask: Ask) -> Iterator[Page]:
    """Yield what *ask* returns, as soon as it has come, to the last page."""
    token: str | None = None
    coming: Asked | None = Asked(verbs, ask, token)
    while coming is not None:
        page = coming.result()
        require_progress(at, token, page)
        token = page.token
        coming = Asked(verbs, ask, token) if token is not None else None
        yield page


def require_progress(at: Location, token: str | None, page: Page) -> None:
    """Raise S3Error if what is behind *page* is what it came by."""
    if token is not None and page.token == token:
        raise errors.S3Error.at(at.uri, "the store lists the same keys over and over")
