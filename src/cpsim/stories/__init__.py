"""Collects what happened to one child, from a model that an observer watches."""
