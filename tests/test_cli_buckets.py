"""The command's buckets, seen at the store."""
