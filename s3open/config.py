"""How to reach a store, and how much of this machine a file may use.

Whatever is left None is botocore's to decide: environment, ``~/.aws``, profiles, SSO,
roles. There is no second configuration file.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 1 << 20

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
MIN_PART_SIZE = 5 * MIB
MAX_PART_SIZE = 5 << 30
MAX_PARTS = 10_000
VERIFY = ("auto", "always", "off")
MAX_OBJECT_SIZE = MAX_PARTS * MAX_PART_SIZE  # 48.8 TiB

# A store that has ten seconds of trouble is outlived by so many tries, and one that
# fails at every tenth request fails at none for good.
ATTEMPTS = 10
DEADLINE = 300.0
# So many small files are moved at once, and so many connections kept for them. They
# wait for a store that is far away; more would wait for the interpreter's lock.
SIDE_BY_SIDE = 128

_CONNECTION = (
    "profile",
    "region",
    "endpoint_url",
    "access_key",
    "secret_key",
    "session_token",
    "anonymous",
    "requester_pays",
    "session",
    "client_config",
)
_connection: Callable[[Any], tuple[object, ...]] = attrgetter(*_CONNECTION)
_SECRETS = (
    "access_key",
    "secret_key",
    "session_token",
    "session",
    "client",
    "client_config",
)


@dataclass(frozen=True, kw_only=True)
class Config:
    """Settings of `open` and `FileSystem`. Immutable, hashable, thread-safe.

    Pickles unless it holds explicit secrets, a session or a client, or a configuration
    of one (TypeError).

    The environment variable ``S3OPEN_TRANSPORT`` says who speaks to S3: ``wire``,
    s3open itself, or ``boto3``. Where it is not set, boto3 does so with a *session* or
    *client*, behind proxies, for directory buckets and multi-region access points, and
    while botocore is patched (``moto.mock_aws``); s3open itself does so elsewhere, in a
    tenth of the time. Credentials and all settings come from botocore's places anyhow.

    Args:
        profile: a profile of ``~/.aws/config``.
        region: the region to sign for.
        endpoint_url: an S3-compatible store, such as ``"http://localhost:9000"``.
        access_key: an explicit access key; needs *secret_key*.
        secret_key: its secret.
        session_token: its session token, where it has one.
        anonymous: send no signature, for public buckets.
        requester_pays: agree to pay for requests and transfers.
        session: a ``boto3.Session`` to make the client of.
        client_config: a ``botocore.config.Config`` with more of how to get there:
            timeouts, proxies, a client's certificate, and in ``s3=`` the style of
            addresses and the accelerated, dual-stack and FIPS endpoints. What it says
            of retries, signatures and checked answers is not heeded: they are s3open's.
        client: a boto3 S3 client to use as it is; excludes all of the above but
            *requester_pays*.
        part_size: bytes of an upload's parts, 5 MiB to 5 GiB. Up to one part is
            uploaded by a single request. It grows where 10,000 parts would not do.
        memory: bytes of one file that are kept in memory, 2 MiB at least; the rest is
            in a temporary file. Large ones are touched as far as they are needed.
        total_memory: bytes that all files of this process keep in memory together. Who
            comes when they are taken has 16 MiB, or *memory* if that is less.
        disk: bytes of temporary disk that one file may take; None is what there is.
            What was fetched and does not fit is fetched again. What was written in mode
            ``w`` or ``x`` and does not fit is left to the store, in parts that are not
            an object before ``close()``: going back into one raises OSError ENOSPC, and
            if publishing fails, the upload is not aborted, and the recovery file names
            it. *memory* has to do for four parts then, which do not grow beyond. In
            ``a``, ``r+`` and for ``fileno()`` all that was written has to fit.
        connections: how many requests one file has under way at most; 1 uses no
            threads. They are used where the link gives several more than one.
        temp_dir: where temporary files go; None is Python's choice (``TMPDIR``).
        deadline: seconds for which a request that fails is tried again, counted from
            its first failure or the last byte that came; and an append whose object
            keeps changing. A store that asks to slow down, or that had answered and
            cannot be reached, is waited for as long. 0 tries nothing again.
        attempts: how often a request is tried, or a broken download goes on, without a
            byte of progress, where the store fails (5xx), the connection breaks or no
            answer comes. (A host that has never answered is given up after four tries,
            or one timeout.)
        verify: "auto", "always" or "off": what `open` compares checksums of.
        cache: a folder in which what `open` reads is kept for the next time, None for
            none. One request asks whether it still holds (that needs no permission
            more), and what does moves no bytes. It is safe to share among processes,
            and nobody but the user can read it. What a customer's key encrypts is not
            kept, nor what is opened on conditions.
        cache_size: bytes on the disk that it may have, 1 MiB at least. Beyond, what was
            not used for longest goes.
    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    anonymous: bool = False
    requester_pays: bool = False
    session: Any = field(default=None, repr=False)
    client_config: Any = field(default=None, repr=False)
    client: Any = field(default=None, repr=False)
    part_size: int = 5 * MIB
    memory: int = 160 * MIB
    total_memory: int = 1024 * MIB
    disk: int | None = None
    connections: int = 48
    temp_dir: str | None = None
    deadline: float = DEADLINE
    attempts: int = ATTEMPTS
    verify: str = "auto"
    cache: str | None = None
    cache_size: int = 10 << 30

    def __post_init__(self) -> None:
        self._check_bounds()
        if self.verify not in VERIFY:
            raise ValueError(f"verify has to be one of {VERIFY}, not {self.verify!r}")
        if (self.access_key is None) != (self.secret_key is None):
            raise ValueError("access_key and secret_key go together")
        if "@" in (self.endpoint_url or ""):
            raise ValueError("credentials in endpoint_url are refused: use a profile")
        if not hasattr(self.client_config, "merge") and self.client_config is not None:
            raise TypeError("client_config has to be a botocore.config.Config")
        if self.client is not None:
            excluded = [
                name
                for name in _CONNECTION
                if getattr(self, name) and name != "requester_pays"
            ]
            if excluded:
                raise ValueError(f"client excludes: {', '.join(sorted(excluded))}")

    def _check_bounds(self) -> None:
        for name in ("part_size", "memory", "total_memory", "connections", "attempts"):
            if not isinstance(getattr(self, name), int):
                raise TypeError(f"{name} has to be an int")
            if getattr(self, name) < 1:
                raise ValueError(f"{name} has to be 1 at least")
        _check_seconds("deadline", self.deadline)
        if not MIN_PART_SIZE <= self.part_size <= MAX_PART_SIZE:
            raise ValueError("part_size has to be from 5 MiB to 5 GiB")
        if self.memory < 2 * MIB:
            raise ValueError("memory has to be 2 MiB at least")
        _check_disk(self.disk)
        _check_cache(self.cache, self.cache_size)

    def connection(self) -> tuple[object, ...]:
        """Return what decides about how the store is reached."""
        return _connection(self)

    def __copy__(self) -> Config:
        return self

    def __deepcopy__(self, memo: object) -> Config:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        held = [name for name in _SECRETS if getattr(self, name) is not None]
        if held:
            raise TypeError(
                f"cannot pickle a Config with an explicit {' and '.join(held)}: "
                "use a profile or the environment"
            )
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return _from_values, (values,)


def _check_seconds(name: str, value: object) -> None:
    if not isinstance(value, int | float):
        raise TypeError(f"{name} has to be a number of seconds")
    if not value >= 0:
        raise ValueError(f"{name} has to be 0 at least")


def _check_disk(value: object) -> None:
    if not isinstance(value, int | None):
        raise TypeError("disk has to be an int, or None")
    if value is not None and value < 0:
        raise ValueError("disk has to be 0 at least")


def _check_cache(folder: object, size: object) -> None:
    if not isinstance(folder, str | None):
        raise TypeError("cache has to be a path, as a str, or None")
    if not isinstance(size, int):
        raise TypeError("cache_size has to be an int")
    if size < MIB:
        raise ValueError("cache_size has to be 1 MiB at least")


def _from_values(values: dict[str, Any]) -> Config:
    return Config(**values)


DEFAULT = Config()
