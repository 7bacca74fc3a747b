"""Programs of their own, with an S3 server to speak to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from s3open.testing import S3Server

PROGRAM = """
import json, os, sys
import s3open
from tests.fakes import MIB, pattern
from tests.unit.forking import in_child

content = pattern(5 * MIB + 11)
uri = "s3://fork/k"


def say(value):
    print(json.dumps(value))
"""


def run(server: S3Server, code: str) -> list[Any]:
    """Return what *code* says, each thing by a call of ``say``."""
    environment = {
        name: value for name, value in os.environ.items() if name[:4] != "AWS_"
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        env={
            **environment,
            **server.environment(),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        },
        cwd=Path(__file__).parents[2],
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]
