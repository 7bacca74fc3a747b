"""Many files at once: what is there is walked, compared, copied, moved and removed."""
