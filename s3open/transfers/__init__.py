"""Whole files, or windows of them, from here to there; gone on with after a crash.

`uploading` and `downloading` know when something can be gone on with, `sending` and
`receiving` move the bytes, `journal` keeps the notes.
"""

from s3open.transfers.between import download, upload

__all__ = ["download", "upload"]
