"""``python -m s3open.testing``: a server in a process of its own."""

from __future__ import annotations

import argparse
import shlex
import sys
import threading
from contextlib import suppress

from s3open.testing.server import S3Server
from s3open.testing.sockets import Shape


def main(arguments: list[str] | None = None) -> None:
    """Serve until interrupted; the first line printed is the endpoint."""
    parser = _parser()
    options = parser.parse_args(arguments)
    server = S3Server(
        port=options.port,
        region=options.region,
        access_key=options.access_key,
        secret_key=options.secret_key,
        anonymous=options.anonymous,
        md5_etags=not options.opaque_etags,
        keep_bodies=not options.discard_bodies,
    )
    server.shape = Shape(options.latency, options.bandwidth)
    for bucket in options.bucket:
        try:
            server.create_bucket(bucket)
        except ValueError as error:
            parser.error(str(error))
    for place in options.synthetic:
        path, _, size = place.rpartition("=")
        bucket, _, key = path.partition("/")
        server.synthetic(bucket, key, int(size))
    with suppress(KeyboardInterrupt), server:
        print(server.endpoint_url)
        for name, value in server.environment().items():
            print(f"export {name}={shlex.quote(value)}")
        sys.stdout.flush()
        if options.until_end_of_input:
            sys.stdin.read()
        else:
            threading.Event().wait()  # pragma: no cover - tested in a process


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m s3open.testing", description="An S3 server in memory."
    )
    add = parser.add_argument
    add("--port", type=int, default=0, help="0: any that is free")
    add("--region", default="us-east-1")
    add("--access-key", default="s3open")
    add("--secret-key", default="s3open-secret")
    add("--bucket", action="append", default=[], help="a bucket to begin with")
    add(
        "--synthetic",
        action="append",
        default=[],
        metavar="BUCKET/KEY=SIZE",
        help="an object made up from its offsets",
    )
    add("--anonymous", action="store_true", help="allow unsigned requests")
    add("--opaque-etags", action="store_true", help="ETags that are no MD5, but fast")
    add("--discard-bodies", action="store_true", help="forget what is uploaded")
    add("--latency", type=float, default=0.0, help="seconds before each answer")
    add("--bandwidth", type=float, help="bytes per second and connection")
    add("--until-end-of-input", action="store_true", help="stop when stdin ends")
    return parser


if __name__ == "__main__":  # pragma: no cover - tested in a process
    main()
