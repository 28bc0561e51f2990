"""Verdicts on differences, shared by tables, pages and figures."""

HIGHER, LOWER = "higher", "lower"
NOT_SHOWN = "no difference shown"
CANNOT_BE_SAID = "cannot be said"
"""The verdict with one seed, for example, because chance cannot be estimated."""

VERDICTS = (HIGHER, LOWER, NOT_SHOWN, CANNOT_BE_SAID)
