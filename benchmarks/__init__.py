"""s3open beside builtin open, bare boto3 and smart_open: ``python -m benchmarks``.

The server of `s3open.testing` runs on one core; every measurement is a fresh process on
another. `workloads` says what is done, `contenders` by whom, `worker` does it, `report`
shows it; `paired` compares single requests within one process, where the noise of
different processes would be larger than the difference. Nothing here asserts a speed.
"""
