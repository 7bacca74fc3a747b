"""Whether somebody stands between botocore and the network.

``moto.mock_aws``, vcr and the like patch botocore, and so do tracers. What they are to
see has to go through it. They come and go, so this is looked at anew each time; it
takes a microsecond, and nothing at all where botocore has not been imported.
"""

from __future__ import annotations

import sys
from types import FunctionType
from typing import Any


def is_patched() -> bool:
    """Whether botocore is not as it was made."""
    handlers = sys.modules.get("botocore.handlers")
    client = sys.modules.get("botocore.client")
    session = sys.modules.get("botocore.httpsession")
    requests = sys.modules.get("botocore.awsrequest")
    if not (handlers and client and session and requests):
        # It is not in use, or just being imported.
        return False
    connection = requests.AWSHTTPConnection
    return (
        _is_foreign(client.BaseClient, "_make_api_call")
        or _is_foreign(session.URLLib3Session, "send")
        or connection.__module__ != "botocore.awsrequest"
        or any(map(_is_at_work, _foreign_handlers(handlers.BUILTIN_HANDLERS)))
    )


def _is_foreign(owner: type, name: str) -> bool:
    """Whether method *name* is not the one that *owner* was written with."""
    method: Any = owner.__dict__.get(name)
    while type(method) is FunctionType and _is_botocore(method.__globals__["__name__"]):
        if not hasattr(method, "__wrapped__"):
            return method.__code__.co_name != name
        # botocore wraps some of its own.
        method = method.__wrapped__
    return True


def _foreign_handlers(handlers: list[tuple[Any, ...]]) -> list[Any]:
    """Return the handlers that are not botocore's own, of all its clients."""
    global _known
    length, found = _known
    if length != len(handlers):
        found = [entry[1] for entry in handlers if not _is_own(entry[1])]
        _known = len(handlers), found
    return found


def _is_own(handler: Any) -> bool:
    return _is_botocore(
        getattr(handler, "__module__", None) or type(handler).__module__
    )


def _is_botocore(module: object) -> bool:
    return str(module).partition(".")[0] == "botocore"


def _is_at_work(handler: Any) -> bool:
    # moto's is there from its import on, and looks whether it was switched on.
    return bool(getattr(handler, "enabled", True))


# Handlers are added, hardly ever taken away: which are foreign depends on their number.
_known: tuple[int, list[Any]] = (0, [])
