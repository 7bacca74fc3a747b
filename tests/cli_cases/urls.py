"""Command lines for signed URLs; see `tests.test_cli_commands`."""

CASES: list[tuple[str, str, int]] = []
