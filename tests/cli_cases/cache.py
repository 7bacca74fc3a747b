"""Command lines for a cache; see `tests.test_cli_commands`."""

CASES: list[tuple[str, str, int]] = [
    ("cache --cache-dir none", "0 files, 0, in none\n", 0),
    ("cache info --cache-dir none", "0 files, 0, in none\n", 0),
    ("cache clear --cache-dir none", "0 files, 0, deleted from none\n", 0),
    (
        "cache info --cache-dir none --json",
        '{"folder": "none", "entries": 0, "size": 0}\n',
        0,
    ),
]
