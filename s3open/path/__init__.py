"""`S3Path`: a name on S3 with the verbs of `pathlib.Path`.

It is not derived from pathlib's classes: these take ``a//b``, ``./x`` and a slash at
the end out of a name, which for a key makes it another one. Nor has it ``__fspath__``,
for with that builtin ``open`` would make a local file ``./s3:/...`` of it.
"""

from s3open.path.verbs import S3Path

__all__ = ["S3Path"]
