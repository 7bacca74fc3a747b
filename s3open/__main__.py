"""``python -m s3open`` is the command ``s3open``."""

import sys

from s3open.cli import main

sys.exit(main())
