"""What an interval lets one say about a difference, in words that tables, pages and figures share."""

HIGHER, LOWER = "higher", "lower"
NOT_SHOWN = "no difference shown"
CANNOT_BE_SAID = "cannot be said"
"""Of one seed, say: nothing tells what chance can do."""

VERDICTS = (HIGHER, LOWER, NOT_SHOWN, CANNOT_BE_SAID)
