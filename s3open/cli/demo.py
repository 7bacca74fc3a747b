"""``s3open demo``: what s3open does, shown on a real server, with what each step costs.

The requests are counted on their way out, by botocore's events, so the same figures
come from the embedded server and from the user's own account.
"""

from __future__ import annotations

import contextlib
import secrets
import zipfile
from typing import TYPE_CHECKING, Any

import s3open
from s3open.s3.boto import make_client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from s3open.opening import Open
MIB = 1 << 20


def run(bucket: str | None, endpoint_url: str | None, profile: str | None) -> int:
    """Show every step in *bucket*, or on an embedded server; return the exit code."""
    if bucket is not None:
        config = s3open.Config(endpoint_url=endpoint_url, profile=profile)
        return _show(f"s3://{bucket}/s3open-demo-{secrets.token_hex(4)}", config)
    from s3open.testing import S3Server

    with S3Server() as server:
        server.create_bucket("demo")
        print(f"A server of our own, in memory: {server.endpoint_url}")
        config = s3open.Config(
            endpoint_url=server.endpoint_url,
            access_key=server.access_key,
            secret_key=server.secret_key,
            region=server.region,
        )
        return _show("s3://demo/folder", config)


def _show(prefix: str, config: s3open.Config) -> int:
    client = make_client(config)
    meter = _Meter(client)
    demo = Demo(prefix, s3open.FileSystem(client=client).open)
    failed = 0
    try:
        for step in demo.steps():
            print(f"\n{(step.__doc__ or '').strip()}")
            meter.start()
            try:
                for line in step():
                    print(f"    {line}")
            except Exception as error:
                failed += 1
                print(f"    FAILED: {type(error).__name__}: {error}")
            print(f"    [{meter.read()}]")
    finally:
        demo.clean_up(client)
    print("\nAll steps done." if not failed else f"\n{failed} steps failed.")
    return 1 if failed else 0
