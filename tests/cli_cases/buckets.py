"""Command lines for buckets; see `tests.test_cli_commands`."""

CASES: list[tuple[str, str, int]] = []
