"""The command beside those of others: whole processes, on the same server."""
