"""Figures of a run and of a sweep: functions that return a matplotlib figure and leave the user's style alone."""
