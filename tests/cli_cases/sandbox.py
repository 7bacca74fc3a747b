"""Command lines for a sandbox; see `tests.test_cli_commands`."""

CASES: list[tuple[str, str, int]] = [
    ("sandbox --bucket one,two -- echo done", "done\n", 0),
    ("sandbox --bucket Wrong_ -- echo done", "", 1),
    ("sandbox -- false", "", -1),
]
