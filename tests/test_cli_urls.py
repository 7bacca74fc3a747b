"""The command's signed URLs, seen at the store."""
