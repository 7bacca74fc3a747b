"""What there is: directories, patterns, trees, pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from s3open import naming
from s3open.filesystem.base import Configured, place, root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3open.filesystem.listed import Listed
    from s3open.filesystem.pages import ListedPage
    from s3open.naming import Name
    from s3open.trees.measuring import Usage


class Listing(Configured):
    """Listings, on S3 and on this machine, each an iterator that asks as it goes.

    Names come in the order of keys, which is that of their UTF-8 bytes, and memory does
    not grow with their number. Those of directories end with a slash. A name that has
    ``*`` or ``[`` in it is a pattern for `glob` and `iglob` only.
    """

    @overload
    def ls(
        self,
        uri: Name,
        *,
        recursive: bool = False,
        versions: bool = False,
        full: Literal[False] = False,
        start_after: Name = "",
    ) -> Iterator[str]: ...

    @overload
    def ls(
        self,
        uri: Name,
        *,
        recursive: bool = False,
        versions: bool = False,
        full: Literal[True],
        start_after: Name = "",
    ) -> Iterator[Listed]: ...

    def ls(
        self,
        uri: Name,
        *,
        recursive: bool = False,
        versions: bool = False,
        full: bool = False,
        start_after: Name = "",
    ) -> Iterator[str] | Iterator[Listed]:
        """Yield what is in the directory *uri*; of a file itself.

        One request for every thousand. Where there is nothing, one more tells whether
        *uri* is a file; FileNotFoundError if it is none. ``s3://b/foo`` has nothing of
        ``foobar`` in it.

        Args:
            uri: a directory, or a file.
            recursive: all that is below, not only the next level; of directories only
                those that have a marker, or nothing in them.
            versions: all versions, newest first, and delete markers.
            full: `Listed` values with size, time and the like, not names. Costs nothing
                on S3.
            start_after: go on behind this name, as an earlier listing gave it.
        """
        listed = self._listed(uri, recursive, versions, start_after)
        return listed if full else (each.uri for each in listed)

    def list_page(
        self,
        uri: Name,
        *,
        delimiter: str = "",
        start_after: str = "",
        token: str | None = None,
        max_keys: int = 1000,
        owner: bool = False,
    ) -> ListedPage:
        """Return one page of what begins with *uri*, as the store answers. One request.

        Here *uri* is not a directory: ``s3://b/foo`` has ``foobar`` on its page.

        Args:
            uri: what names have to begin with.
            delimiter: names that have it behind that are told by what they have in
                common up to it (``common_prefixes``); on this machine "/" or none.
            start_after: a key (on this machine a path): those behind it only.
            token: the ``next_token`` of the page before, with the same arguments.
            max_keys: 1,000 at most, common prefixes among them.
            owner: also ask whom the objects belong to.
        """
        from s3open.filesystem import pages

        at = place(uri)
        if isinstance(at, str):
            return pages.of_folder(at, delimiter, start_after, token, max_keys)
        from s3open.stores import keys

        page = keys.page(
            self._config,
            at,
            delimiter=delimiter,
            start_after=start_after,
            token=token,
            max_keys=max_keys,
            owner=owner,
        )
        return pages.of_bucket(at, page)

    def glob(self, pattern: Name) -> list[str]:
        """Return the names that match *pattern*; see `iglob`."""
        return list(self.iglob(pattern))

    @overload
    def iglob(
        self, pattern: Name, *, full: Literal[False] = False
    ) -> Iterator[str]: ...

    @overload
    def iglob(self, pattern: Name, *, full: Literal[True]) -> Iterator[Listed]: ...

    def iglob(
        self, pattern: Name, *, full: bool = False
    ) -> Iterator[str] | Iterator[Listed]:
        """Yield the names that match *pattern*, files and directories, lazily.

        ``*`` (any letters), ``?`` (a letter), ``[a-z]`` and ``[!a]`` match within a
        name; ``**`` matches across slashes, alone between two of them any number of
        directories, or none. A pattern that ends with a slash matches directories only.
        What begins with a dot is matched as anything else, as `pathlib` does. `escape`
        makes a pattern of a name. The bucket is no part of the pattern.

        Only what begins with what is literal in the pattern is listed: one request for
        each directory that matches so far, ``**`` is one for every thousand keys below.
        Nothing that matches is no error, a bucket that is not there is.
        """
        from s3open.filesystem.listed import Listed
        from s3open.trees import globbing

        text = naming.text(pattern)
        at = place(text)
        base = "" if isinstance(at, str) else root(at)
        found = globbing.entries(self._config, text)
        if full:
            return (Listed(base + entry.name, *entry) for entry in found)
        return (base + entry.name for entry in found)

    def escape(self, name: Name) -> str:
        """Return the pattern that matches *name* alone, for `glob`."""
        from s3open.trees import globbing

        return globbing.escape(naming.text(name))

    def walk(
        self, uri: Name, *, follow_links: bool = False
    ) -> Iterator[tuple[str, list[str], list[str]]]:
        """Yield the directories from *uri* downwards, as `os.walk` does.

        Each as (name of the directory, names of directories in it, of files in it),
        before those in it; `join` makes names of them. One request for each, or more
        if there are more than a thousand names in it; those that are removed from the
        list are not asked for. Nothing is told of a *uri* that is not there.
        """
        from s3open.trees import walking

        at = place(uri)
        if isinstance(at, str):
            return walking.walk(self._config, at, None, follow_links=follow_links)
        return walking.walk(self._config, at.uri, at, follow_links=follow_links)

    @overload
    def find(
        self, uri: Name, name: str = "*", *, full: Literal[False] = False
    ) -> Iterator[str]: ...

    @overload
    def find(
        self, uri: Name, name: str = "*", *, full: Literal[True]
    ) -> Iterator[Listed]: ...

    def find(
        self, uri: Name, name: str = "*", *, full: bool = False
    ) -> Iterator[str] | Iterator[Listed]:
        """Yield all files below *uri*, or *uri* itself if it is one; no directories.

        One request for every thousand. FileNotFoundError if there is nothing.

        Args:
            uri: a directory, or a file.
            name: what has to match what follows the last slash, as for `iglob`.
            full: `Listed` values instead of names.
        """
        from s3open.trees import globbing

        matches = globbing.matcher(name)
        files = (
            each
            for each in self._listed(uri, recursive=True)
            if not each.is_dir and matches(each.name.rpartition("/")[2])
        )
        return files if full else (each.uri for each in files)

    def du(self, uri: Name, max_depth: int = 0) -> Usage:
        """Return how many files are below *uri*, and how many bytes they have.

        One request for every thousand. FileNotFoundError if there is nothing.

        Args:
            uri: a directory, or a file.
            max_depth: tell directories apart, so many levels down.
        """
        from s3open.trees import measuring

        at = place(uri)
        if isinstance(at, str):
            top = at if at.endswith("/") else at + "/"
        else:
            top = root(at) + at.key + ("" if at.is_directory_like else "/")
        return measuring.measured(
            self._listed(uri, recursive=True), top, depth=max_depth
        )

    def _listed(
        self,
        uri: Name,
        recursive: bool = False,
        versions: bool = False,
        start_after: Name = "",
    ) -> Iterator[Listed]:
        """Yield what `ls` yields."""
        from s3open.filesystem import pages

        at = place(uri)
        after = naming.text(start_after)
        if isinstance(at, str):
            return pages.in_folder(at, recursive=recursive, after=after)
        return pages.in_bucket(
            self._config, at, recursive=recursive, versions=versions, after=after
        )
