"""Where files live: one module each."""
