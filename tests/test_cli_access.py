"""The command's ACLs and logs of requests, seen at the store."""
