"""The command's settings of objects, seen at the store."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import s3open
from s3open.cli import main
from tests.cli_flags import shows

if TYPE_CHECKING:
    import pytest

    from s3open.testing import S3Server


@shows("bypass_governance")
def test_what_a_retention_keeps_goes_if_it_is_bypassed(
    s3open_server: S3Server, capfd: pytest.CaptureFixture[str]
) -> None:
    s3open_server.create_bucket("locked", lock=True)
    s3open_server.put("locked", "key", b"x")
    later = datetime.now(timezone.utc) + timedelta(days=1)
    s3open.set_retention("s3://locked/key", "GOVERNANCE", later)
    line = ["rm", "-r", "-y", "--versions", "s3://locked/"]
    assert main(line) == 1
    assert "no lock that keeps it" in capfd.readouterr().err
    assert main([*line, "--bypass-governance"]) == 0
    assert not s3open.exists("s3://locked/key")
