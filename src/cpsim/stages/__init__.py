"""Stages: the functions that a week consists of, the columns that each declares, and the check of what it accesses."""
