"""From the tidy table of a sweep to small tables that answer a question.

Every module is pure functions over pandas frames. Most begin with one outcome as a table [points, seeds]: the same
seeds at all points, so that a row is a place in the space of settings and a column is a population of children.
"""
