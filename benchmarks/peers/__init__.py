"""Who competes, each by the calls that its documentation advises.

A name's first word is whom it belongs to; ``--peers`` takes either.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.peers.base import Peer
    from benchmarks.workloads import Workload

OURS = "s3open"


class _Entry(NamedTuple):
    """Where a peer's class is, and the package that it needs."""

    module: str
    name: str
    package: str


_ENTRIES = {
    OURS: _Entry("ours", "S3open", "s3open"),
    "s3open readinto": _Entry("ours", "Pouring", "s3open"),
    "s3open streaming": _Entry("ours", "Streaming", "s3open"),
    "s3open unverified": _Entry("ours", "Unverified", "s3open"),
    "s3open prefetch": _Entry("ours", "Prefetching", "s3open"),
    "builtin open": _Entry("local", "Builtin", "io"),
    "bare http.client": _Entry("bare", "Bare", "http"),
    "boto3": _Entry("boto", "Boto", "boto3"),
    "boto3 bare stream": _Entry("boto", "BareStream", "boto3"),
    "boto3 file transfer": _Entry("boto", "Transfer", "boto3"),
    "boto3 transfer x32": _Entry("boto", "ManyTransfers", "boto3"),
    "awscrt": _Entry("crt", "Crt", "awscrt"),
    "awscrt file": _Entry("crt", "CrtFiles", "awscrt"),
    "smart_open": _Entry("smart", "SmartOpen", "smart_open"),
    "s3fs": _Entry("s3fs", "Opened", "s3fs"),
    "s3fs calls": _Entry("s3fs", "Calls", "s3fs"),
    "obstore": _Entry("obstore", "Calls", "obstore"),
    "obstore file": _Entry("obstore", "Files", "obstore"),
    "obstore x32": _Entry("obstore", "Many", "obstore"),
    "pyarrow": _Entry("pyarrow", "Arrow", "pyarrow"),
    "megfile": _Entry("megfile", "Megfile", "megfile"),
    "cloudpathlib": _Entry("cloudpath", "Cloudpath", "cloudpathlib"),
}

# Not peers, but what there is to compare with: never the best of them.
REFERENCES = ("builtin open", "bare http.client", "boto3 bare stream")

# It downloads all of an object to the disk, whatever is read of it: 10 GiB for a byte.
_SPARED = tuple(("cloudpathlib", action) for action in ("first", "tail", "scattered"))
# Its threads would delete each other's local files.
_ALONE = ("cloudpathlib",)

_LOCALLY = ("read", "write", "stream", "feed", "lines", "cold")


def is_ours(name: str) -> bool:
    return name.partition(" ")[0] == OURS


def installed(wanted: Sequence[str] = ()) -> tuple[list[str], list[str]]:
    """Return who can compete of those *wanted* (none: all), and who is missing."""
    names = [
        name
        for name in _ENTRIES
        if not wanted or name in wanted or name.partition(" ")[0] in wanted
    ]
    missing = [name for name in names if find_spec(_ENTRIES[name].package) is None]
    return [name for name in names if name not in missing], missing


def kind(name: str) -> type[Peer]:
    """Return the class of the peer *name*."""
    entry = _ENTRIES[name]
    found: type[Peer] = getattr(import_module(f"{__name__}.{entry.module}"), entry.name)
    return found


def takes_part(name: str, work: Workload, profile: str) -> bool:
    """Whether the peer *name* does what *work* asks for."""
    if (work.peers and name not in work.peers) or (name, work.action) in _SPARED:
        return False
    if work.threads and name in _ALONE:
        return False
    local = work.action in _LOCALLY and profile == "raw" and not work.threads
    if name == "builtin open" and not local:
        return False
    found = kind(name)
    if work.action == "cold":
        return bool(found.COLD)
    return getattr(found, work.action, None) is not None
