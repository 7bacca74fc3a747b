"""Command lines for settings of objects; see `tests.test_cli_commands`."""

CASES: list[tuple[str, str, int]] = []
