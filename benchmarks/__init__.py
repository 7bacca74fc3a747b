"""s3open beside its peers: ``python -m benchmarks``.

The server of `s3open.testing` runs on one core; every measurement is a fresh process on
another. `workloads` says what is done, `peers` by whom, `worker` does it, `measuring`
has them take turns, `report` shows it. Nothing here asserts a speed.
"""
