"""Compares scenarios on the same seeds: what differs, for which children, and how much of it may be chance."""
