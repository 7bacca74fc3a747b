"""Command lines for buckets; see `tests.test_cli_commands`."""

CASES: list[tuple[str, str, int]] = [
    ("buckets", "B\nV\n", 0),
    ("buckets --endpoint-url http://127.0.0.1:1", "", 1),
    ("mb new-bucket", "make_bucket: new-bucket\n", 0),
    ("mb B", "", 1),
    ("rb V", "", 1),
    ("rb -f V no-such-bucket", "remove_bucket: .*\nremove_bucket: .*\n", 0),
    ("rb no-such-bucket", "", 1),
    ("bucket info V", r"name: s3open-versions\n(.*\n)*versioning: true\n(.*\n)*", 0),
    ("bucket info no-such-bucket", "", 1),
    ("bucket get B policy", "null\n", 0),
    ("bucket get no-such-bucket policy", "", 1),
    ("bucket set B public-access-block on", "", 0),
    ("bucket set B policy {}", "", 1),
    ("bucket set B policy no-such-file", "", 1),
    ("bucket delete B tags", "", 0),
    ("bucket delete no-such-bucket tags", "", 1),
    ("versioning V", "on\n", 0),
    ("versioning B", "never\n", 0),
    ("versioning V off", "", 0),
    ("versioning no-such-bucket", "", 1),
]
