"""Command lines for ACLs and logs of requests; see `tests.test_cli_commands`."""

CASES: list[tuple[str, str, int]] = []
