"""What a file has besides its bytes, by the names that s3fs has for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from s3open.integrations.fs.base import all_done, side_by_side
from s3open.integrations.fs.bulk import Bulk

if TYPE_CHECKING:
    from collections.abc import Mapping

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class Attributes(Bulk):
    """Metadata, tags and access, each read and changed."""

    def metadata(self, path: Any, refresh: bool = False, **_: Any) -> dict[str, str]:
        """Return the metadata that a file was given. One request."""
        uri, version_id = self._at(path)
        found = self._files.stat(uri, version_id=version_id, **self._reading())
        return {name.replace("_", "-"): text for name, text in found.metadata.items()}

    def getxattr(self, path: Any, attr_name: str, **_: Any) -> str | None:
        """Return one word of the metadata, None if there is none such."""
        return self.metadata(path).get(attr_name.replace("_", "-"))

    def setxattr(
        self,
        path: Any,
        copy_kwargs: Mapping[str, Any] | None = None,
        **kw_args: str | None,
    ) -> None:
        """Change words of the metadata; None removes one. The rest stays.

        On S3 that is a copy of the file onto itself. *copy_kwargs* is what else is to
        be new, by boto3's names, such as ``ContentType``.
        """
        words = {**self.metadata(path)}
        for name, text in kw_args.items():
            words.pop(name.replace("_", "-"), None)
            if text is not None:
                words[name.replace("_", "-")] = text
        given = {
            _CAPITAL.sub("_", k).lower(): v for k, v in (copy_kwargs or {}).items()
        }
        self._files.set_metadata(self._uri(path), words, **self._reading(), **given)

    def get_tags(self, path: Any) -> dict[str, str]:
        """Return the tags of a file. One request."""
        uri, version_id = self._at(path)
        return self._files.tags(uri, version_id=version_id)

    def put_tags(self, path: Any, tags: Mapping[str, str], mode: str = "o") -> None:
        """Have *tags* be the tags of a file; *mode* "m" merges them with what it has.

        One request, two to merge.
        """
        if mode not in ("o", "m"):
            raise ValueError(f"mode is 'o' or 'm', not {mode!r}")
        uri, version_id = self._at(path)
        old = self._files.tags(uri, version_id=version_id) if mode == "m" else {}
        self._files.set_tags(uri, {**old, **tags}, version_id=version_id)

    def chmod(self, path: Any, acl: str, recursive: bool = False) -> None:
        """Give a file, or all files below a directory, a canned ACL."""
        if recursive:
            names = [(name, acl) for name in self.find(path)]
            all_done(side_by_side(self.chmod, names))
            return
        uri, version_id = self._at(path)
        place = self._place(path) if version_id is None else None
        if place is not None and not place.key:
            self._files.bucket(place.bucket).set_acl(acl)
        else:
            self._files.set_acl(uri, acl, version_id=version_id)
