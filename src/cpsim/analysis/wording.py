"""Formats numbers, settings and names for the pages of an analysis."""

import math
import re
from collections.abc import Hashable, Mapping
from typing import Any

from cpsim.formatting import (
    UNDEFINED,
    format_decimals,
    format_magnitude,
    format_number,
    format_outcome_name,
    format_part,
    format_setting,
    lower_first,
    pluralise,
)
from cpsim.measures.outcomes import OUTCOMES
from cpsim.measures.outcomes.registry import GBP, MONTHS, PER_10K, PER_10K_YEAR, POINTS, WEEKS
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


def name_outcome(outcome: str) -> str:
    """Name an outcome within a sentence.

    >>> name_outcome("missed_risk_rate"), name_outcome("contacts_by_kind_per_10k_year.gp")
    ('missed risk', 'contacts by GP practices')
    """
    return lower_first(format_outcome_name(outcome))


def format_change(outcome: str, difference: float, low: float = math.nan, high: float = math.nan) -> str:
    """Say how an outcome changed, with the size in its unit and, if there is one, its interval.

    >>> format_change("missed_risk_rate", -0.03, -0.033, -0.027)
    'missed risk fell by 3.0 percentage points (2.7 to 3.3)'
    >>> format_change("contacts_per_referral", 0.2)
    'contacts per referral rose by 0.20'
    """
    half = (high - low) / 2
    registered = OUTCOMES[outcome.partition(".")[0]].change
    size = format_magnitude(outcome, abs(difference), half)
    if registered is None:
        text = f"{name_outcome(outcome)} {'rose' if difference > 0 else 'fell'} by {add_unit(outcome, size)}"
    else:
        text = registered[0 if difference > 0 else 1].format(size=size, part=format_part(outcome))
    if math.isnan(half):
        return text
    ends = (format_magnitude(outcome, end, half, unit=False) for end in sorted((abs(low), abs(high))))
    return f"{text} ({' to '.join(ends)})"


def format_size(outcome: str, size: float, half_width: float = math.nan) -> str:
    """Format the size of a difference with its unit, to stand without a level next to it.

    Args:
        outcome: name of an outcome.
        size: size of the difference.
        half_width: half width of its interval, which decides the digits.

    >>> format_size("contacts_per_10k_year", 11.76, half_width=9.8), format_size("missed_risk_rate", 0.013)
    ('12 per 10,000 children a year', '1.3 percentage points')
    """
    return add_unit(outcome, format_magnitude(outcome, size, half_width))


def add_unit(outcome: str, text: str) -> str:
    """Add to a formatted difference the unit that is usually left out, because the levels next to it show it.

    >>> add_unit("contacts_per_10k_year", "+12"), add_unit("cost_gbp_per_child_year", "+£12")
    ('+12 per 10,000 children a year', '+£12')
    """
    unit = OUTCOMES[outcome.partition(".")[0]].unit
    return f"{text} {unit}" if unit in (PER_10K, PER_10K_YEAR) else text


def format_interest(outcome: str) -> str:
    """Format the smallest difference of interest in an outcome with its unit.

    >>> format_interest("missed_risk_rate"), format_interest("cost_gbp_per_child_year")
    ('1 percentage point', '£5')
    """
    registered = OUTCOMES[outcome.partition(".")[0]]
    if registered.is_share:
        points = 100 * registered.interest
        return f"{format_setting(points)} {pluralise(points, 'percentage point')}"
    if registered.unit == GBP:
        return f"£{format_setting(registered.interest)}"
    unit = registered.unit if registered.unit in (PER_10K, PER_10K_YEAR, WEEKS, MONTHS, POINTS) else ""
    return f"{format_setting(registered.interest)} {unit}".strip()


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
