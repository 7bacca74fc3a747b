"""What a recovery file holds, on its way to where it belongs.

It is published as any file is: opened in its mode, filled with what was kept, and
closed. So all that holds of writing holds of this, too. Only the file that it comes
from is not kept again.
"""

from __future__ import annotations

import errno
import shutil
from dataclasses import replace
from typing import IO, TYPE_CHECKING

from s3open import errors
from s3open import location as locations
from s3open.config import DEFAULT, MIB
from s3open.files import mode as modes
from s3open.s3.endpoint import is_aws
from s3open.stores import handles, other, s3
from s3open.stores.described import config_of
from s3open.writing import kept as keeping

if TYPE_CHECKING:
    from s3open.config import Config
    from s3open.files import RemoteFile
    from s3open.location import Location
    from s3open.stores.options import Options
    from s3open.writing.kept import Kept


class Salvage:
    """The way of *data*, which *kept* describes, to *place*."""

    def __init__(
        self,
        kept: Kept,
        data: IO[bytes],
        place: Location,
        config: Config,
        options: Options,
    ) -> None:
        self._kept = kept
        self._data = data
        self._place = place
        self._config = config
        self._options = options
        home = located(kept.uri)
        self._elsewhere = (place.bucket, place.key) != (home.bucket, home.key)

    def publish(self, *, force: bool) -> None:
        """Publish it, or raise; *force* does so whatever is there."""
        kept = self._kept
        if kept.about.get("parts"):
            # `Config.disk` had them left to the store.
            raise ValueError(
                f"parts of {kept.uri!r} are not here but in its multipart upload "
                f"{kept.upload}: complete that with what is"
            )
        if kept.condition == "append":
            self._append(force=force)
        elif kept.condition != "unchanged" or (kept.whole and self._elsewhere):
            free = kept.condition == "always" and not self._elsewhere
            matches = kept.condition == "match" and not self._elsewhere
            if matches and not force:
                self._replace("wb", kept.etag)
            else:
                self._replace("wb" if free or force else "xb")
        elif self._elsewhere:
            raise ValueError(
                f"only what was changed of {kept.uri!r} is here: that cannot be "
                "published elsewhere"
            )
        else:
            self._update(force=force and kept.whole)

    def _replace(self, mode: str, etag: str | None = None) -> None:
        # The bytes are on this machine already: no need for another copy of them.
        options = replace(self._options, streaming=True, replaces=etag)
        with self._opened(mode, options) as raw:
            self._copy(raw, range(self._kept.size))

    def _update(self, *, force: bool) -> None:
        try:
            raw = self._opened("r+b", self._options)
        except FileNotFoundError:
            if not force:
                raise
            self._replace("wb")
            return
        with raw:
            if not (force or self._is_base(raw)):
                advice = "it is not the version any more that was updated"
                if not self._kept.whole:
                    advice += ", and only what was changed of that is here"
                raise errors.ObjectChangedError.at(self._place.uri, advice)
            for span in self._kept.written:
                raw.seek(span.start)
                self._copy(raw, span)
            raw.truncate(self._kept.size)

    def _append(self, *, force: bool) -> None:
        kept = self._kept
        start, bom = kept.base_size, kept.bom
        with self._opened("ab", self._options) as raw:
            if kept.ambiguous and not (force or self._elsewhere or self._is_base(raw)):
                raise errors.ObjectChangedError.at(
                    self._place.uri,
                    "it may have been appended already: look, then force or discard",
                )
            if bom and start == 0 and raw.size and self._data.read(len(bom)) == bom:
                # It has no business in the middle of a file.
                start += len(bom)
            self._copy(raw, range(start, kept.size))
            # Whoever dies now leaves something that might be appended twice.
            keeping.mark(kept, ambiguous=True)
            try:
                raw.close()
            except errors.PublishError as error:
                keeping.mark(kept, ambiguous=kept.ambiguous or error.ambiguous)
                raise

    def _opened(self, mode: str, options: Options) -> RemoteFile:
        parsed = modes.parse(mode)
        assert parsed is not None
        return s3.open_file(
            self._place,
            self._place.uri,
            parsed,
            self._config,
            options,
            bom=self._kept.bom,
        )

    def _is_base(self, raw: RemoteFile) -> bool:
        """Whether *raw* has the version open that the file was opened with."""
        etag = self._kept.etag
        there = raw.describe(checksum=False).etag
        return there == (None if etag is None else etag.strip('"'))

    def _copy(self, raw: RemoteFile, span: range) -> None:
        self._data.seek(span.start)
        for start in range(span.start, span.stop, MIB):
            length = min(MIB, span.stop - start)
            piece = self._data.read(length)
            if len(piece) < length:
                raise OSError(
                    errno.EIO, "the recovery file ends early", self._data.name
                )
            raw.write(piece)


def is_elsewhere(uri: str) -> bool:
    """Whether *uri* is of a scheme that smart_open knows."""
    return (locations.scheme(uri) or "") in locations.ELSEWHERE


def send_elsewhere(
    kept: Kept, data: IO[bytes], uri: str, config: Config | None, options: object
) -> None:
    """Publish *data* at *uri*, of another scheme.

    Raises ValueError where not all bytes are here, or *options* are given.
    """
    if options:
        raise ValueError(f"there are no options for {handles.shown(uri)!r}")
    if not kept.whole:
        raise ValueError(f"only what was changed of {kept.uri!r} is here")
    at = other.place(uri, None)
    mode = modes.parse("xb" if kept.condition == "absent" else "wb")
    assert at is not None
    assert mode is not None
    with other.open_file(at, at.shown, mode, config or DEFAULT) as raw:
        shutil.copyfileobj(data, raw, MIB)


def located(uri: str) -> Location:
    """Return the location that *uri* spells; raise ValueError if it is not on S3."""
    found = locations.parse(uri)
    if found is None:
        raise ValueError(f"not on S3: {uri!r}")
    return found


def config_for(kept: Kept, place: Location) -> Config:
    """Return how *kept* was to be published.

    Raises ValueError where that leads to another store now than it did then.
    """
    config = config_of(kept.about)
    if kept.endpoint is not None and is_aws(kept.endpoint):
        endpoint = s3.endpoint_of(config, place)
        if not is_aws(endpoint):
            raise ValueError(
                f"it was written to {kept.endpoint}, and the environment leads to "
                f"{endpoint}: say how to reach the store"
            )
    return config


def abort_upload(kept: Kept, config: Config) -> None:
    """Abort the upload that was begun with *kept*, if any; warn if that fails."""
    if kept.upload is None:
        return
    try:
        s3.abort_upload(config, located(kept.uri), kept.upload)
    except errors.S3Error as error:
        errors.warn(
            f"the multipart upload {kept.upload} of {kept.uri!r} could not be aborted "
            f"and costs storage until it is: {error}",
            errors.UnpublishedWarning,
        )
