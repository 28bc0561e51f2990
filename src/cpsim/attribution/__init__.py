"""Attributes the misses of a scenario to stages, by rerunning it with stages made perfect."""
