"""S3 itself: its verbs, and what speaks them."""
