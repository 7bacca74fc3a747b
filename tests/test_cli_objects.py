"""The command's settings of objects, seen at the store."""
