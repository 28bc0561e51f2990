"""Measures how fast the engine is on this machine, where time goes, and how it compares with the twin."""
