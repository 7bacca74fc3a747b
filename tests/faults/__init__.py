"""Faults at every request of every operation, and at random for as long as wanted."""
