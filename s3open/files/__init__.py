"""What `open` returns: builtin ``io`` layers over one raw file of ours."""

from s3open.files.information import Info, about, bottom
from s3open.files.layers import stack
from s3open.files.mode import Mode
from s3open.files.remote import RemoteFile
from s3open.files.unbuffered import UnbufferedFile

__all__ = ["Info", "Mode", "RemoteFile", "UnbufferedFile", "about", "bottom", "stack"]
