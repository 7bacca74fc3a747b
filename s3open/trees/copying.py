"""`cp` and `mv`: one file, those that match a pattern, or a tree, in all directions.

A tree is a stream of tasks, made as the listing of the source comes in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open.trees.choices import parsed
from s3open.trees.course import taken
from s3open.trees.filters import Filter
from s3open.trees.places import place
from s3open.trees.transport import Transport

if TYPE_CHECKING:
    from s3open.config import Config
    from s3open.naming import Name
    from s3open.trees.report import Report


def cp(
    config: Config,
    source: Name,
    target: Name,
    *,
    recursive: bool = False,
    force: bool = True,
    skip: bool = False,
    if_newer: bool = False,
    include: Any = (),
    exclude: Any = (),
    follow_links: bool = True,
    glob: bool = True,
    dry_run: bool = False,
    **options: Any,
) -> Report:
    """Copy a file, what matches a pattern, or (*recursive*) what is in a directory.

    From and to S3 and this machine, in all four directions, `workers` files at once.
    Each copy is made at once in the end, verified, and has the time and mode of its
    source: on S3 they are in the metadata ``mtime`` and ``mode``.

    Where to: a *target* that ends with a slash, a bucket, or a directory that is there
    on this machine, has the file in it, under its own name; any other is what the file
    is to be called. Of a directory the contents go to *target*, as with ``aws s3 cp
    --recursive``, whether either ends with a slash or not: ``cp("a", "b",
    recursive=True)`` makes ``b/x`` of ``a/x``, also if ``b`` is there. (baiji, like
    ``cp``, would have made ``b/a/x`` of it.) Of a pattern what counts is its last
    directory without a wildcard: ``a/*/x`` makes ``b/1/x`` of ``a/1/x``. A pattern that
    is also the name of a file means that file.

    Directories are made on this machine as they are needed. A key that ends with a
    slash is made a directory there, never a file. What would leave *target* (``..``,
    links) is refused.

    A file that fails is told *on_event* and counted; the others go on. In the end that
    is a TreeError, unless the caller brings a *report*, which has it all. One file
    alone raises its own error.

    Args:
        config: how to reach the store.
        source: a file, a pattern (``*``, ``?``, ``[a-z]``, ``**``), or a directory.
        target: where to.
        recursive: whether it is a directory that is meant.
        force: False never replaces anything: FileExistsError. On S3 the store itself
            sees to that.
        skip: likewise, but what is there is just left alone.
        if_newer: replaces what is older only, by the time that was kept of it.
        include: patterns of names below *source*; see `filters`.
        exclude: likewise.
        follow_links: whether links in a directory are what they lead to, or left out.
        glob: whether *source* may be a pattern.
        dry_run: only tells what would be done.
        options: the write options of `open` (``content_type``, ``metadata``,
            ``storage_class``, ...) for targets on S3: a copy within S3 keeps what is
            not given, and adds to its ``metadata``, but with ``replace_metadata``.
            ``sse_customer_key`` for either side. ``version_id`` of one source.
            ``preserve_acl`` within S3. ``gzip`` for uploads, with that
            Content-Encoding. ``executor``, ``workers``, ``on_event``, ``progress`` and
            ``report`` as `Course` has them.

    Raises:
        OSError: FileNotFoundError for a source that is not there, IsADirectoryError for
            a directory without *recursive*, TreeError.
        ValueError: for options that do not go with the direction, or with each other,
            before any request; likewise for a target in the source.
        TypeError: for options that are none.
    """
    course = taken(options)
    here, there = place(source), place(target)
    choices = parsed(
        here,
        there,
        options,
        overwrite=force and not skip,
        skip=skip,
        if_newer=if_newer,
        dry_run=dry_run,
    )
    admitted = Filter.of(include, exclude)
    transport = Transport(config, choices, course, admitted, follow_links=follow_links)
    return transport.carried_out(here, there, recursive=recursive, glob=glob)


def mv(
    config: Config,
    source: Name,
    target: Name,
    *,
    recursive: bool = False,
    force: bool = True,
    skip: bool = False,
    if_newer: bool = False,
    include: Any = (),
    exclude: Any = (),
    glob: bool = True,
    dry_run: bool = False,
    **options: Any,
) -> Report:
    """Move a file, what matches a pattern, or (*recursive*) what is in a directory.

    As `cp`, and each source is removed once it was copied, if it still is what was
    copied: an object by its ETag, a file by inode, size and time. One that was changed
    meanwhile stays where it is, and that is a failure. On S3 sources are removed a
    thousand at a time; where the store ignores the condition they are looked at just
    before. Directories of this machine that are empty then are removed, too.

    Links in a directory are moved as what they lead to; what they lead to stays, and so
    do links to directories. A file of this machine that has come since it began is not
    replaced by what is moved from S3: it may be another key's, whose name is the same
    here.

    Args:
        config: as for `cp`, as all others.
        source: likewise.
        target: likewise; not in *source*, nor the other way round.
        recursive: likewise.
        force: likewise.
        skip: likewise; what is skipped is not removed.
        if_newer: likewise.
        include: likewise.
        exclude: likewise.
        glob: likewise.
        dry_run: likewise.
        options: likewise, but ``version_id``.
    """
    course = taken(options)
    here, there = place(source), place(target)
    choices = parsed(
        here,
        there,
        options,
        overwrite=force and not skip,
        skip=skip,
        if_newer=if_newer,
        dry_run=dry_run,
        moving=True,
    )
    admitted = Filter.of(include, exclude)
    transport = Transport(config, choices, course, admitted, follow_links=True)
    return transport.carried_out(here, there, recursive=recursive, glob=glob)
