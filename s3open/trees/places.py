"""Where files are copied from, and to: a file or a directory, on S3 or on this machine.

A place is a name, taken apart once; what lies below it is told by the rest of its name,
with "/" between the parts. So a task holds no more than that rest.
"""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from s3open import location as locations
from s3open import naming
from s3open.location import Location

if TYPE_CHECKING:
    from s3open.naming import Name


# What stands for a bucket whose name it does not tell.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html
_ALIAS = re.compile(r"arn:.*|.*-s3alias|.*--ol-s3|.*\.mrap")


@dataclass(frozen=True, slots=True)
class Place:
    """A key, a directory of keys (its name ends with a slash), or a path.

    *at* is None for a path, *path* is empty for a key. *name* is what the user is told.
    """

    name: str
    at: Location | None
    path: str = ""

    @property
    def remote(self) -> bool:
        """Whether it is on S3."""
        return self.at is not None

    @property
    def bucket_only(self) -> bool:
        """Whether it is a bucket, all of it."""
        return self.at is not None and not self.at.key

    @property
    def named_directory(self) -> bool:
        """Whether the name can mean nothing but a directory; nobody is asked."""
        if self.at is not None:
            return self.at.is_directory_like
        return self.path.endswith(("/", os.sep))

    def directory(self) -> Place:
        """Return the same place as a directory: what lies below it follows directly."""
        if self.at is None:
            return self if self.named_directory else _local(self.path + "/")
        at = self.at
        key = f"{at.key}/" if at.key and not at.key.endswith("/") else at.key
        name = self.name if self.name.endswith("/") else f"{self.name}/"
        return Place(name, Location(at.bucket, key, name))

    def location(self, below: str) -> Location:
        """Return the key *below* this place, which is on S3."""
        at = self.at
        assert at is not None
        if not below:
            return at
        return Location(at.bucket, at.key + below, self.name + below)

    def local(self, below: str) -> str:
        """Return the path *below* this one. See `targets` for names of others."""
        return self.path + below

    def below(self, below: str) -> Place:
        """Return what is *below* this place, as a place."""
        if self.at is None:
            return Place(self.told(below), None, self.local(below))
        return Place(self.told(below), self.location(below))

    @property
    def basename(self) -> str:
        """What the place is called in the directory that it is in."""
        if self.at is not None:
            return self.at.key.rpartition("/")[2]
        return os.path.basename(self.path)

    def told(self, below: str) -> str:
        """Return the name of what is *below*, as the user would write it."""
        return self.name + below


def place(name: Name) -> Place:
    """Return the place that *name* spells, on S3 or here; else ValueError."""
    spelled = naming.text(name)
    if not spelled:
        # With a slash behind it that were the root of all files.
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), spelled)
    at = locations.parse(spelled)
    if at is not None:
        return Place(spelled, at)
    path = locations.local_path(spelled)
    if "\0" in path:
        raise ValueError("embedded null byte")
    return _local(path)


def overlap(
    source: Place, target: Place, *, removing: bool = False
) -> tuple[bool, bool]:
    """Return whether *target* lies in *source*, and *source* in *target*.

    Both are directories; the same one lies in itself. If anything is *removing* from
    one of them, also whether they may: an access point does not say of which bucket it
    is.
    """
    here, there = _names(source, target, unsure=removing)
    return there.startswith(here), here.startswith(there)


def inner(source: Place, target: Place, *, removing: bool = False) -> str | None:
    """Return by what names below *target* begin that are in *source*, if any can be.

    What is copied to there would replace what is still to be copied.
    """
    here, there = _names(source, target, unsure=removing)
    return here[len(there) :] if here.startswith(there) else None


def same(source: Place, target: Place) -> bool:
    """Whether both are the same file, or may be: see `overlap`."""
    if source.at is not None and target.at is not None:
        here, there = _names(source, target, unsure=True)
        return here == there
    if source.at is None and target.at is None:
        try:
            return os.path.samefile(source.path, target.path)
        except OSError:
            return False
    return False


def _names(source: Place, target: Place, *, unsure: bool) -> tuple[str, str]:
    """Return names of both by which they can be compared.

    *unsure*: where it cannot be told if they are in one bucket they are.
    """
    here, there = source.at, target.at
    if here is None and there is None:
        return _real(source), _real(target)
    if here is None or there is None:
        return "here:", "there:"
    if unsure and (_ALIAS.fullmatch(here.bucket) or _ALIAS.fullmatch(there.bucket)):
        return here.key, there.key
    return f"{here.bucket}/{here.key}", f"{there.bucket}/{there.key}"


def _real(directory: Place) -> str:
    return os.path.join(os.path.realpath(directory.path), "")


def _local(path: str) -> Place:
    return Place(path, None, path)
