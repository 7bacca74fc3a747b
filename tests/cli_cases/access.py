"""Command lines for ACLs and logs of requests; see `tests.test_cli_commands`."""

CASES: list[tuple[str, str, int]] = [
    ("acl get B/one", "owner +s3open\nFULL_CONTROL +s3open\n", 0),
    ("acl get B B/none", "B:\nowner +s3open\nFULL_CONTROL +s3open\n", 1),
    ("acl set --acl public-read B/one B", "", 0),
    ("acl set --acl public-read B/none", "", 1),
    ("logging B", "off\n", 0),
    ("logging B V/of-one/", "", 0),
    ("logging B s3://no-such-bucket/", "", 1),
]
