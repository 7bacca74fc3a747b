"""The parts of `s3open.integrations.fsspec.S3OpenFileSystem`, by what is asked for."""
