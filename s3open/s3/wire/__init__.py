"""S3 spoken directly: from a verb to the socket, and back.

`verbs` says what each operation is; `requests` signs, sends and heals; `pool` keeps
connections; `connection`, `payload` and `sockets` move bytes. What only botocore knows
(credentials, addresses, settings) it is asked by `inquiry`; `settings` does without
where the environment says it all.
"""
