"""What is to be verified of what is read: as ``verify`` says, and as it is possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open import errors
from s3open.reading import Verification
from s3open.s3.proofs import proof_of, quick_proof_of

if TYPE_CHECKING:
    from s3open.contract import Answer, ObjectInfo, Reader


def verification(
    reader: Reader, info: ObjectInfo, first: Answer | None, verify: str
) -> Verification | None:
    """Return what verifies the bytes of *reader*, as far as *verify* asks for it.

    *first* is the answer that opened the file: it may tell all there is to know.
    Raises IntegrityError, and lets go of *first*, if there is no proof, and *verify* is
    "always".
    """
    size = info.size
    if verify == "off":
        return None
    whole = first is not None and len(first.span) == size
    if verify == "auto":
        proof = quick_proof_of(info) if whole else None
        # A request more for a small object would cost more than it is worth.
        return Verification(reader, size, proof, only=whole)
    try:
        proof = proof_of(info) if whole else None
        proof = proof or (reader.proof() if size else None)
        if proof is None and size:
            raise errors.IntegrityError.at(
                reader.uri, "the store keeps no checksum by which it can be verified"
            )
    except BaseException:
        if first is not None:
            first.body.close()
        raise
    return Verification(reader, size, proof, only=True)
