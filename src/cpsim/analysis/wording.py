"""Formats numbers and names for the page of an analysis."""

import math
from collections.abc import Hashable, Mapping
from typing import Any


def format_cell(value: object) -> str:
    """Format a value for a cell of a table; missing values are a dash.

    >>> format_cell(0.12345), format_cell(True), format_cell(None)
    ('0.123', 'yes', '–')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return format_number(float(value)) if isinstance(value, int | float) else clean_text(str(value))


def format_number(value: float) -> str:
    """Format a number to three significant digits, without powers of ten.

    >>> format_number(1234.5), format_number(-0.0012345)
    ('1,234', '−0.00123')
    """
    if math.isinf(value) or math.isnan(value):
        return {math.inf: "∞", -math.inf: "−∞"}.get(value, "–")
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(digits, 6)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def format_limits(limit: Mapping[Hashable, Any]) -> str:
    """Format the limits of a box in one setting, as the end of a sentence.

    >>> format_limits({"low": 0.2, "high": float("inf")})
    'is above 0.2'
    """
    low, high = limit["low"], limit["high"]
    if math.isinf(low):
        return f"is below {format_number(high)}"
    if math.isinf(high):
        return f"is above {format_number(low)}"
    return f"is between {format_number(low)} and {format_number(high)}"


def format_percent(share: float) -> str:
    """Format a share in whole per cent.

    >>> format_percent(0.694)
    '69%'
    """
    return f"{100 * share:.0f}%"


def format_count(number: int, what: str) -> str:
    """Format a count with its noun.

    >>> format_count(1, "seed"), format_count(1200, "run")
    ('1 seed', '1,200 runs')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def format_outcome(outcome: str) -> str:
    """Format the name of an outcome as words.

    >>> format_outcome("missed_risk_rate")
    'missed risk rate'
    """
    return outcome.replace("_", " ")


def clean_text(text: str) -> str:
    """Put text from a file on one line and replace characters that would break a table.

    >>> clean_text("more  posts | fewer")
    'more posts / fewer'
    """
    return " ".join(text.split()).replace("|", "/")
