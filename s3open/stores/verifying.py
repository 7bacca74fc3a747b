"""What is to be verified of what is read: as ``verify`` says, and as it is possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3open.reading import Verification
from s3open.s3.proofs import proof_of, quick_proof_of
from s3open.tracing import checked

if TYPE_CHECKING:
    from s3open.contract import Base


def verification(base: Base, size: int, verify: str) -> Verification | None:
    """Return what verifies the bytes of *base*, as far as *verify* asks for it.

    Of fewer bytes than there are, *size*, nothing tells whether they are right.
    """
    reader, info, first = base.reader, base.info, base.first
    if verify == "off":
        return None
    if size < info.size:
        checked("partial")
        return None
    # The answer that opened the file may tell all there is to know.
    whole = first is not None and len(first.span) == size
    if verify == "always":
        proof = proof_of(info) if whole else None
        return Verification(reader, size, proof, strict=True)
    proof = quick_proof_of(info) if whole else None
    # A request more for a small object would cost more than it is worth.
    return Verification(reader, size, proof, only=whole)
