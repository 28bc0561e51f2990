"""Lessons of fifty minutes: their format, the results that they rest on, and what a class does in them."""
