"""Formats numbers, settings and names for the pages of an analysis."""

import math
import re
from collections.abc import Hashable, Mapping
from typing import Any

from cpsim.formatting import (
    UNDEFINED,
    add_rate,
    format_decimals,
    format_magnitude,
    format_number,
)
from cpsim.scenario.descriptions import SettingDescription
from cpsim.scenario.text import escape_unsafe

_UNITS = {
    "children": "children",
    "gbp": "pounds",
    "hours": "hours",
    "hours_per_week": "hours a week",
    "log_odds": "log odds",
    "per_10k": "per 10,000 children",
    "per_10k_year": "per 10,000 children a year",
    "per_week": "a week",
    "per_year": "a year",
    "teams": "teams",
    "weeks": "weeks",
    "working_days": "working days",
    "years": "years",
}
"""Unit of a setting -> its text after a value; shares, factors and indices have none."""


def format_cell(value: object) -> str:
    """Format a value for a cell of a table; missing values are a dash.

    >>> format_cell(0.12345), format_cell(True), format_cell(None)
    ('0.123', 'yes', '–')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return UNDEFINED
    if isinstance(value, bool):
        return "yes" if value else "no"
    return format_number(float(value)) if isinstance(value, int | float) else clean_text(str(value))


def format_varied(setting: SettingDescription, value: object, *, unit: bool = True) -> str:
    """Format the value of a setting with its unit.

    >>> from cpsim.scenario.descriptions import describe_settings
    >>> (refill,) = describe_settings(["workforce.refill_weeks"], {}).values()
    >>> format_varied(refill, 12.0)
    '12 weeks'
    """
    text = format_cell(value)
    words = _UNITS.get(setting.unit, "")
    return f"{text} {words}" if unit and words and text != UNDEFINED else text


def format_ends(setting: SettingDescription, low: object, high: object) -> str:
    """Format the two ends of a setting's range, with the unit once.

    >>> from cpsim.scenario.descriptions import describe_settings
    >>> (refill,) = describe_settings(["workforce.refill_weeks"], {}).values()
    >>> format_ends(refill, 10.0, 90.0)
    '10 to 90 weeks'
    """
    return f"{format_varied(setting, low, unit=False)} to {format_varied(setting, high)}"


def format_limits(setting: SettingDescription, limit: Mapping[Hashable, Any]) -> str:
    """Format the limits of a box in one setting, as the end of a sentence.

    >>> from cpsim.scenario.descriptions import describe_settings
    >>> (trust,) = describe_settings(["network.trust_start"], {}).values()
    >>> format_limits(trust, {"low": 0.2, "high": float("inf")})
    'is above 0.2'
    """
    low, high = limit["low"], limit["high"]
    if math.isinf(low):
        return f"is below {format_varied(setting, high)}"
    if math.isinf(high):
        return f"is above {format_varied(setting, low)}"
    return f"is between {format_varied(setting, low, unit=False)} and {format_varied(setting, high)}"


def format_size(outcome: str, size: float, half_width: float = math.nan) -> str:
    """Format the size of a difference with its unit, to stand without a level next to it.

    Args:
        outcome: name of an outcome.
        size: size of the difference.
        half_width: half width of its interval, which decides the digits.

    >>> format_size("contacts_per_10k_year", 11.76, half_width=9.8), format_size("missed_risk_rate", 0.013)
    ('12 per 10,000 children a year', '1.3 percentage points')
    """
    return add_rate(outcome, format_magnitude(outcome, size, half_width))


def format_seeds(seeds: float) -> str:
    """Format a number of seeds that would be needed, which may be more than anyone runs.

    >>> format_seeds(23.0), format_seeds(float("inf"))
    ('23', 'more than a million')
    """
    return format_decimals(seeds) if math.isfinite(seeds) else "more than a million"


def clean_text(text: str) -> str:
    """Put text from a file on one line, without the backticks that mark code in a sentence.

    >>> clean_text("more  `posts`")
    "more 'posts'"
    """
    return " ".join(text.split()).replace("`", "'")


_CODE = re.compile(r"(`[^`]+`)")
_MARKUP = re.compile(r"[\\`*\[\]<>|~&]|(?<![^\W_])_|_(?![^\W_])|(?<=:)/(?=/)|^[#+=-]|(?<=^\d)[.)]")


def escape_markdown(text: str) -> str:
    r"""Escape a line of text for Markdown; what is between backticks stays code.

    >>> escape_markdown("[north] of `network.trust_start`, my_arm <b>")
    '\\[north\\] of `network.trust_start`, my_arm \\<b\\>'
    """
    parts = _CODE.split(escape_unsafe(text))
    return "".join(
        part.replace("|", "/") if _CODE.fullmatch(part) else _MARKUP.sub(r"\\\g<0>", part) for part in parts
    )
