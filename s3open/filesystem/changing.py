"""Copied, moved, removed, made alike: one file, or a tree of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3open.filesystem.base import Configured

if TYPE_CHECKING:
    from s3open.naming import Name
    from s3open.trees.report import Report


class Changing(Configured):
    """From S3 to this machine, back, and from place to place on either.

    Many files at once, each all or nothing. One that fails is counted and the others go
    on; in the end that is a `TreeError`, unless the caller brings a *report*. One file
    alone raises its own error.

    All take, among *options*: ``executor`` (any of `concurrent.futures`, or a function
    that makes one; None: threads), ``workers`` (how many files at once), ``on_event``
    (is told what became of each file), ``progress`` (whether there is a bar on stderr;
    None: on a terminal), and ``report`` (where it is counted).
    """

    def cp(
        self,
        source: Name,
        target: Name,
        *,
        recursive: bool = False,
        force: bool = True,
        skip: bool = False,
        if_newer: bool = False,
        include: Any = (),
        exclude: Any = (),
        dry_run: bool = False,
        **options: Any,
    ) -> Report:
        """Copy a file, what matches a pattern, or what is in a directory.

        From and to S3 and this machine, in all four directions. A copy has the time and
        mode of its source (on S3 as metadata). A *target* that ends with a slash, a
        bucket, or a directory that is there on this machine, has the file in it; any
        other is its name. Of a directory the contents go to *target*; of a pattern what
        counts is its last directory without a wildcard. What would leave *target* on
        this machine (``..``, links) is refused.

        Args:
            source: a file, a pattern as for `iglob`, or a directory.
            target: where to.
            recursive: whether it is a directory that is meant.
            force: False never replaces anything: FileExistsError. The store itself
                sees to that.
            skip: likewise, but what is there is just left alone.
            if_newer: replaces what is older only.
            include: patterns of names below *source* (``*`` matches slashes, too); of
                several patterns the last one that matches decides.
            exclude: likewise, what is left out.
            dry_run: only tells what would be done.
            options: those of writing of `open`, for targets on S3: a copy within S3
                keeps what is not given, and adds to the metadata, or with
                ``replace_metadata=True`` has no other. ``version_id`` of one source,
                or ``if_match``, the ETag that it has to have (ObjectChangedError);
                ``preserve_acl`` within S3; ``gzip`` for uploads, with that
                Content-Encoding; ``follow_links=False`` leaves links out;
                ``glob=False`` takes a pattern for a name.

        Returns:
            What became of the files.
        """
        from s3open.trees import copying

        return copying.cp(
            self._config,
            source,
            target,
            recursive=recursive,
            force=force,
            skip=skip,
            if_newer=if_newer,
            include=include,
            exclude=exclude,
            dry_run=dry_run,
            **options,
        )

    def mv(
        self,
        source: Name,
        target: Name,
        *,
        recursive: bool = False,
        force: bool = True,
        skip: bool = False,
        if_newer: bool = False,
        include: Any = (),
        exclude: Any = (),
        dry_run: bool = False,
        **options: Any,
    ) -> Report:
        """Move a file, what matches a pattern, or what is in a directory.

        As `cp`, which tells of the arguments, and each source is removed once it was
        copied, if it still is what was copied; else it stays, and that is a failure.
        """
        from s3open.trees import copying

        return copying.mv(
            self._config,
            source,
            target,
            recursive=recursive,
            force=force,
            skip=skip,
            if_newer=if_newer,
            include=include,
            exclude=exclude,
            dry_run=dry_run,
            **options,
        )

    def rm(
        self,
        uri: Name,
        *,
        recursive: bool = False,
        versions: bool = False,
        version_id: str | None = None,
        mfa: str | None = None,
        bypass_governance: bool = False,
        if_match: str | None = None,
        include: Any = (),
        exclude: Any = (),
        missing_ok: bool = False,
        dry_run: bool = False,
        **options: Any,
    ) -> Report:
        """Remove a file, what matches a pattern, or all of a directory.

        ``s3://b/foo`` is the key ``foo``, and *recursive* what is below ``foo/``, never
        ``foobar``. One request to see that a key is there and one to remove it; of a
        directory one to list and one to remove a thousand.

        Args:
            uri: a file, a pattern as for `iglob`, or a directory.
            recursive: whether it is a directory that is meant. A bucket is emptied.
            versions: all versions, too, so that nothing is left to `restore`.
            version_id: the one version that goes.
            mfa: "serial code" of a device, where the bucket wants it.
            bypass_governance: versions, too, that a retention in governance mode keeps
                (s3:BypassGovernanceRetention).
            if_match: the ETag that the one key has to have; else ObjectChangedError.
            include: as for `cp`.
            exclude: likewise.
            missing_ok: whether it is fine if there is nothing; else FileNotFoundError.
            dry_run: only tells what would be removed.
            options: ``glob=False`` takes a pattern for a name.

        Returns:
            What became of the files.
        """
        from s3open.trees import removing

        return removing.rm(
            self._config,
            uri,
            recursive=recursive,
            versions=versions,
            version_id=version_id,
            mfa=mfa,
            bypass_governance=bypass_governance,
            if_match=if_match,
            include=include,
            exclude=exclude,
            missing_ok=missing_ok,
            dry_run=dry_run,
            **options,
        )

    def sync(
        self,
        source: Name,
        target: Name,
        *,
        delete: bool = False,
        protect: Any = (),
        include: Any = (),
        exclude: Any = (),
        compare: str = "auto",
        dry_run: bool = False,
        **options: Any,
    ) -> Report:
        """Copy what is in *source*, and not the same in *target*, to *target*.

        Both are directories, on S3 or on this machine, listed side by side in memory
        that does not grow with them. Where nothing has changed the listings are all
        that is asked for.

        Args:
            source: a directory; FileNotFoundError if there is none.
            target: a directory, made if it is not there.
            delete: whether what is in *target* only is removed, after all else, and
                only if both could be listed to the end.
            protect: directories below *target* in which nothing is removed, or
                patterns.
            include: as for `cp`; what does not take part is not removed, either.
            exclude: likewise.
            compare: how files of the same size are told apart: "auto" (by what proves
                it: times that were kept, ETags, checksums), "checksum" (by those alone,
                one request for a pair), "mtime", or "size" (not at all).
            dry_run: only tells what would be done.
            options: as for `cp`, but for ``version_id`` and ``gzip``.

        Returns:
            What became of the files; those that are the same are skipped.
        """
        from s3open.trees import syncing

        return syncing.sync(
            self._config,
            source,
            target,
            delete=delete,
            protect=protect,
            include=include,
            exclude=exclude,
            compare=compare,
            dry_run=dry_run,
            **options,
        )
