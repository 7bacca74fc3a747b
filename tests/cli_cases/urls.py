"""Command lines for signed URLs; see `tests.test_cli_commands`."""

CASES: list[tuple[str, str, int]] = [
    ("url B/one", r"http://.*/one\?.*X-Amz-Expires=3600&.*X-Amz-Signature=\w+\n", 0),
    ("url --method PUT --expires-in 60 B/new", r"http://.*&X-Amz-Expires=60&.*\n", 0),
    ("url --public B/one", r"http://[^?]*/one\n", 0),
    ("url --expires-in 604801 B/one", "", 1),
    ("url --post B/new", r"http://.*/\nkey=new\n(.+=.*\n)+", 0),
    ("presign --method DELETE B/one", r"http://.*\n", 0),
]
