"""Blocks: runs of one scenario with several seeds, simulated together."""
