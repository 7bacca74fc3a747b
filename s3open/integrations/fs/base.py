"""What all parts of the file system begin with: options, and names that are read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from fsspec.spec import AbstractFileSystem

from s3open import location as locations
from s3open.integrations import storage_options as options
from s3open.service import FileSystem

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from s3open.location import Location

VERSION = "?versionId="
# So many files are moved at once: they wait for a store that is far away.
AT_ONCE = 32


class _Identified:
    """A session by its identity: its repr is the same for those of other accounts."""

    def __init__(self, session: Any) -> None:
        self.session = session

    def __repr__(self) -> str:
        return f"<session {id(self.session)}>"

    def __reduce__(self) -> Any:
        raise TypeError("cannot pickle a session: use a profile or the environment")


class _Cached(type(AbstractFileSystem)):  # type: ignore[misc]  # fsspec has no types
    """Has two file systems be the same only if they reach the same."""

    def __call__(cls, *args: Any, **given: Any) -> Any:
        session = given.get("session")
        if session is not None and not isinstance(session, _Identified):
            given["session"] = _Identified(session)
        return super().__call__(*args, **given)


class Based(AbstractFileSystem, metaclass=_Cached):  # type: ignore[misc]  # likewise
    """What reaches the store, by names without a scheme: ``bucket/key``."""

    protocol = ("s3open", "s3", "s3a")
    root_marker = ""

    def __init__(self, **storage_options: Any) -> None:
        if self._cached:
            return
        super().__init__()
        session = storage_options.get("session")
        if isinstance(session, _Identified):
            storage_options["session"] = session.session
        found = options.read(storage_options)
        self.version_aware = found.version_aware
        self._files = FileSystem(found.config)
        self._writing = found.writing

    def to_dict(self, *, include_password: bool = True) -> dict[str, Any]:
        """Return what another is made of; *include_password*: the secrets, too."""
        found: dict[str, Any] = super().to_dict(include_password=include_password)
        return found if include_password else options.without_secrets(found)

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        if isinstance(path, list):
            return [cls._strip_protocol(each) for each in path]
        return super()._strip_protocol(path).lstrip("/")

    def _at(self, path: Any, version_id: str | None = None) -> tuple[str, str | None]:
        """Return the URI of *path*, and the version that is asked for, if any."""
        name: str = self._strip_protocol(path)
        if self.version_aware:
            name, _, named = name.partition(VERSION)
            if named and version_id not in (None, named):
                raise ValueError(f"two versions of {path!r}")
            version_id = named or version_id
        elif version_id is not None:
            raise ValueError("version_id needs version_aware=True")
        return f"s3://{name}", version_id

    def _uri(self, path: Any) -> str:
        """Return the URI of *path*, to be listed or changed; it has no versions."""
        uri, version_id = self._at(path)
        if version_id is not None:
            raise ValueError(f"a version cannot be changed: {path!r}")
        return uri

    def _place(self, path: Any) -> Location:
        found = locations.parse(self._uri(path))
        assert found is not None
        return found


def name_of(uri: str) -> str:
    """Return the name of *uri* among fsspec's, which have no scheme."""
    return uri.removeprefix("s3://")


def side_by_side(
    function: Callable[..., Any],
    arguments: Iterable[tuple[Any, ...]],
    at_once: int = AT_ONCE,
) -> Generator[Any, None, None]:
    """Yield what *function* returns, or the error it raises, for all *arguments*.

    In their order; what was begun when the caller stops is finished.
    """
    todo = list(arguments)
    if len(todo) < 2 or at_once < 2:
        yield from (_outcome(function, each) for each in todo)
        return
    with ThreadPoolExecutor(min(at_once, len(todo))) as pool:
        try:
            yield from pool.map(lambda each: _outcome(function, each), todo)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        return function(*arguments)
    except Exception as error:  # whatever it is, the caller decides
        return error


def all_done(
    outcomes: Iterable[Any], ignored: tuple[type[Exception], ...] = ()
) -> None:
    """Wait for *outcomes*; raise the first error, once all are there."""
    failure: Exception | None = None
    for outcome in outcomes:
        if isinstance(outcome, Exception) and not isinstance(outcome, ignored):
            failure = failure or outcome
    if failure is not None:
        raise failure
