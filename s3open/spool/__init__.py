"""A file's bytes on this machine: some in memory, the rest in a temporary file."""

from s3open.spool.blocks import BLOCK
from s3open.spool.gathering import gathered
from s3open.spool.scratch import reopened
from s3open.spool.spool import Spool

__all__ = ["BLOCK", "Spool", "gathered", "reopened"]
