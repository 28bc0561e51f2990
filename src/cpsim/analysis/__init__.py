"""Analysis of sweeps: from the tidy table of runs to small tables that answer a question.

Every module consists of pure functions on pandas frames. Most take one outcome as a table of shape (points, seeds). All
points have the same seeds, so a row is a point in the space of settings, and a column is a population of children.
"""
