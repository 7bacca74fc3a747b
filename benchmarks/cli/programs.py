"""The programs, and what is typed to have each do the work.

By what their documentation says, with what they are set to; the rows that are *tuned*
have as many connections as s3open takes.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.workloads import BUCKET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OURS = "s3open"


@dataclass(frozen=True)
class Program:
    """A program, with flags for every command of it, and its commands by action.

    In these ``{remote}`` is a folder on the server, ``{local}`` one of this machine,
    both without a slash behind it.
    """

    name: str
    executable: str
    actions: Mapping[str, str]
    flags: tuple[str, ...] = ()

    def command(self, action: str, remote: str, local: str) -> list[str]:
        """Return what to run."""
        words = [
            word.format(remote=remote, local=local)
            for word in self.actions[action].split()
        ]
        return [*_start(self.executable), *self.flags, *words]


_S3 = f"s3://{BUCKET}/{{remote}}"
_RCLONE = f"bench:{BUCKET}/{{remote}}"

_S3OPEN = {
    "down": f"cp -r -q {_S3}/ {{local}}/",
    "up": f"cp -r -q {{local}}/ {_S3}/",
    "sync": f"sync -q {{local}}/ {_S3}/",
    "ls": f"ls -r -l {_S3}/",
    "rm": f"rm -r -f -q {_S3}/",
    "help": "--help",
}
_S5CMD = {
    "down": f"--log error cp {_S3}/* {{local}}/",
    "up": f"--log error cp {{local}}/ {_S3}/",
    "sync": f"--log error sync {{local}}/ {_S3}/",
    "ls": f"ls {_S3}/*",
    "rm": f"--log error rm {_S3}/*",
    "help": "--help",
}
_TUNED_S5CMD = {
    **_S5CMD,
    "down": f"--log error cp -c 32 -p 8 {_S3}/* {{local}}/",
    "up": f"--log error cp -c 32 -p 8 {{local}}/ {_S3}/",
}
_AWS = {
    "down": f"s3 cp --recursive --only-show-errors {_S3}/ {{local}}/",
    "up": f"s3 cp --recursive --only-show-errors {{local}}/ {_S3}/",
    "sync": f"s3 sync --only-show-errors {{local}}/ {_S3}/",
    "ls": f"s3 ls --recursive {_S3}/",
    "rm": f"s3 rm --recursive --only-show-errors {_S3}/",
    # Its help waits in a pager.
    "help": "--version",
}
# The server's ETags are no MD5s, which would take it longer than all else.
_RCLONE_FLAGS = ("--ignore-checksum", "--s3-disable-checksum", "--fast-list", "-q")
_RCLONE_ACTIONS = {
    "down": f"copy {_RCLONE} {{local}}",
    "up": f"copy {{local}} {_RCLONE}",
    # Without that it asks for the time of each object.
    "sync": f"sync --use-server-modtime --update {{local}} {_RCLONE}",
    "ls": f"ls {_RCLONE}",
    "rm": f"delete {_RCLONE}",
    "help": "--help",
}
_MANY = (
    *("--transfers", "48", "--checkers", "48", "--multi-thread-streams", "32"),
    *("--multi-thread-chunk-size", "8M", "--s3-upload-concurrency", "32"),
    *("--s3-chunk-size", "8M"),
)

PROGRAMS = {
    each.name: each
    for each in (
        Program(OURS, "s3open", _S3OPEN),
        Program("s5cmd", "s5cmd", _S5CMD),
        Program("s5cmd tuned", "s5cmd", _TUNED_S5CMD),
        Program("aws-cli", "aws", _AWS),
        Program("rclone", "rclone", _RCLONE_ACTIONS, _RCLONE_FLAGS),
        Program("rclone tuned", "rclone", _RCLONE_ACTIONS, (*_RCLONE_FLAGS, *_MANY)),
    )
}
# Nothing to tune there.
_SAME = {"s5cmd tuned": ("sync", "ls", "rm", "help"), "rclone tuned": ("ls", "help")}


def takes_part(name: str, action: str) -> bool:
    """Whether the program does anything else there than without being tuned."""
    return action not in _SAME.get(name, ())


def installed(wanted: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return who can compete of those *wanted* (none: all), and who is missing."""
    names = [
        name
        for name in PROGRAMS
        if not wanted or name in wanted or name.partition(" ")[0] in wanted
    ]
    there = [name for name in names if _start(PROGRAMS[name].executable)]
    return there, [name for name in names if name not in there]


def _start(executable: str) -> list[str]:
    """Return what runs a program: beside this Python, or on the PATH; else nothing."""
    beside = shutil.which(executable, path=str(Path(sys.executable).parent))
    found = beside or shutil.which(executable)
    if found:
        return [found]
    return [sys.executable, "-m", "s3open"] if executable == OURS else []


def environment(server: Mapping[str, str], folder: str) -> dict[str, str]:
    """Return the variables that have all of them use the *server*, and no other."""
    endpoint = server["AWS_ENDPOINT_URL"]
    return {
        **server,
        # No one's settings are to be found.
        "HOME": folder,
        "AWS_DEFAULT_REGION": server["AWS_REGION"],
        "S3_ENDPOINT_URL": endpoint,
        "RCLONE_CONFIG": f"{folder}/rclone.conf",
        "RCLONE_CONFIG_BENCH_TYPE": "s3",
        "RCLONE_CONFIG_BENCH_PROVIDER": "Other",
        "RCLONE_CONFIG_BENCH_ENV_AUTH": "true",
        "RCLONE_CONFIG_BENCH_REGION": server["AWS_REGION"],
        "RCLONE_CONFIG_BENCH_ENDPOINT": endpoint,
        "RCLONE_CONFIG_BENCH_FORCE_PATH_STYLE": "true",
    }
