"""Where a key lands below a folder of this machine, if it may land there at all.

Keys are any text, and a bucket may be somebody else's: what would come to lie outside
of the folder, or under a name from which the key could not be told again, is refused.
"""

from __future__ import annotations

import errno
import os
import re
import stat

# What nearly all file systems take, in bytes.
_LONGEST = 255
# https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
_NOT_ON_WINDOWS = re.compile(
    r'.*[<>:"\\|?*\x00-\x1f].*|.*[. ]|(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?',
    re.DOTALL,
)


def inside(root: str, relative: str, *, follow: bool = True) -> str:
    """Return the path of the key *relative* below the folder *root*.

    Raises ValueError, naming it, for a key that is not the name of a file below *root*
    ("..", ".", empty parts, a slash at its beginning or end, a NUL, a part of more than
    255 bytes; on Windows drives, backslashes and reserved names), and where a link
    leads out of *root*; NotADirectoryError where a file is in the way of its folder,
    and IsADirectoryError where a folder is in its own. Nothing has to exist.

    *follow* says what is meant to be done there: with False the file itself may be a
    link to anywhere, or a folder, for it is only to be removed.

    Links are looked for each time, so one that has been put there since is found:
    remembering which folders are none would spare 2 microseconds a folder, and numbers
    of folders are used again. (One that is put there between this and what is done
    there is not found; who can do that can write to *root* anyway.)
    """
    parts = _parts(relative)
    path = os.path.join(root, *parts)
    _check_folders(root, parts, relative)
    if follow:
        _check_file(root, path, relative)
    return path


def landing(root: str, relative: str) -> str:
    """Return the path of what is *relative* to *root*, which it is itself if empty."""
    return inside(root, relative) if relative else os.path.realpath(root)


def make_parents(root: str, relative: str) -> str:
    """Make the folders that the key *relative* needs, *root* too; return its path.

    Safe from any thread. Raises what `inside` raises, and OSError.
    """
    path = inside(root, relative)
    folder = os.path.dirname(path)
    if os.path.isdir(folder or os.curdir):
        return path
    try:
        os.makedirs(folder, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        # Something was put there meanwhile; it says what.
        inside(root, relative)
        raise
    return inside(root, relative)


def _parts(relative: str, *, windows: bool = os.name == "nt") -> list[str]:
    """Return what is between the slashes of *relative*, or raise ValueError."""
    parts = relative.split("/")
    for part in parts:
        why = _why_not(part, windows=windows)
        if why:
            raise _refused(relative, why)
    return parts


def _why_not(part: str, *, windows: bool) -> str | None:
    """Return why *part* can be no name of a file, None if it can."""
    if part in ("", ".", ".."):
        if part:
            return f"{part!r} in it would be resolved"
        return "a slash at its beginning or end, or next to another one, would get lost"
    if "\0" in part:
        return "there is a NUL in it"
    if windows and _NOT_ON_WINDOWS.fullmatch(part):
        return f"Windows takes no {part!r}"
    # Four bytes a letter is most.
    if len(part) * 4 > _LONGEST and len(os.fsencode(part)) > _LONGEST:
        return f"a part of it is longer than {_LONGEST} bytes"
    return None


def _check_folders(root: str, parts: list[str], relative: str) -> None:
    """Raise ValueError or NotADirectoryError if the folder of *parts* may not be."""
    path = os.path.join(root, "")
    for part in parts[:-1]:
        path += part
        try:
            found = _found(root, path, relative)
        except FileNotFoundError:
            return
        if not stat.S_ISDIR(found.st_mode):
            raise OSError(
                errno.ENOTDIR,
                f"There is a file where {relative!r} needs a folder",
                path,
            )
        path += os.sep


def _check_file(root: str, path: str, relative: str) -> None:
    """Raise ValueError or IsADirectoryError if no file may be written to *path*."""
    try:
        found = _found(root, path, relative)
    except FileNotFoundError:
        return
    if stat.S_ISDIR(found.st_mode):
        raise OSError(
            errno.EISDIR, f"There is a folder where {relative!r} would be", path
        )


def _found(root: str, path: str, relative: str) -> os.stat_result:
    """Return what is at *path*; ValueError if it is a link that leads out of *root*."""
    found = os.lstat(path)
    if stat.S_ISLNK(found.st_mode):
        _check_link(root, path, relative)
        found = os.stat(path)
    return found


def _check_link(root: str, path: str, relative: str) -> None:
    """Raise ValueError if the link *path* leads out of *root*."""
    top = os.path.realpath(root)
    if os.path.commonpath([top, os.path.realpath(path)]) != top:
        raise _refused(relative, f"the link {path!r} leads out of {root!r}")


def _refused(relative: str, why: str) -> ValueError:
    return ValueError(f"no file can have the name of the key {relative!r}: {why}")
