"""Runs an experiment into a folder, continues it after an interruption, and loads its results."""
