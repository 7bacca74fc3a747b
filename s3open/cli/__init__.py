"""The command ``s3open`` (alias ``s3``): one module per group of subcommands."""

from s3open.cli.main import main

__all__ = ["main"]
