"""What `open` returns: builtin ``io`` layers over one raw file of ours."""

from s3open.files.layers import stack
from s3open.files.mode import Mode
from s3open.files.remote import RemoteFile

__all__ = ["Mode", "RemoteFile", "stack"]
