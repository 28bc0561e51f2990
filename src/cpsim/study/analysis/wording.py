"""Numbers and names as a page shows them."""

import math
from collections.abc import Hashable, Mapping
from typing import Any


def cell(value: object) -> str:
    """A value as it stands in a table."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(float(value)) if isinstance(value, int | float) else plain(str(value))


def number(value: float) -> str:
    """Three digits that count, and no power of ten that a reader has to work out."""
    if math.isinf(value) or math.isnan(value):
        return {math.inf: "∞", -math.inf: "−∞"}.get(value, "–")
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(digits, 6)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def within(limit: Mapping[Hashable, Any]) -> str:
    """The limits of a box in one setting."""
    low, high = limit["low"], limit["high"]
    if math.isinf(low):
        return f"is below {number(high)}"
    return f"is above {number(low)}" if math.isinf(high) else f"lies from {number(low)} to {number(high)}"


def percent(share: float) -> str:
    """A share in whole percent."""
    return f"{100 * share:.0f} %"


def count(number: int, what: str) -> str:
    """So many of something."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def readable(outcome: str) -> str:
    """The name of an outcome in words."""
    return outcome.replace("_", " ")


def plain(text: str) -> str:
    """Text from a file on one line, without signs that would break a table."""
    return " ".join(text.split()).replace("|", "/")
