"""The only functions that turn an outcome, a number or a date into text, so that a value reads the same everywhere.

Terminal, pages, figures and sentences use them. A share is a percentage with one decimal below 10% and none above.
Other outcomes have the decimals of their registration below 100 and none above. Negative numbers have a minus sign.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from cpsim.measures.outcomes import OUTCOMES
from cpsim.measures.outcomes.registry import BY_KIND, GBP, MONTHS, PER_10K, PER_10K_YEAR, POINTS, WEEKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

UNDEFINED: Final = "–"
"""Text of a value that is undefined."""

FEWEST: Final = 20
"""Fewest cases of which a percentage is written; below that, one case more or less moves it by over five points."""

_MINUS: Final = "−"
_INFINITE: Final = {math.inf: "∞", -math.inf: f"{_MINUS}∞"}
_MOST_DECIMALS: Final = 4
_UNITS: Final = {WEEKS: " weeks", MONTHS: " months", POINTS: " percentage points"}
"""Unit -> its text after a difference or a value; a share differs by percentage points."""


def format_percent(share: float) -> str:
    """Format a share as a percentage, with one decimal if it is below 10%.

    >>> [format_percent(share) for share in (0.0, 0.0001, 0.0123, 0.69, -0.03, float("nan"))]
    ['0%', '<0.1%', '1.2%', '69%', '−3.0%', '–']
    """
    if math.isnan(share):
        return UNDEFINED
    size = abs(share)
    if 0 < size < 0.0005:
        return "<0.1%"
    sign = _MINUS if share < 0 else ""
    return f"{sign}{100 * size:.0f}%" if size == 0 or size >= 0.0995 else f"{sign}{100 * size:.1f}%"


def format_share(part: float, whole: float) -> str:
    """Format a share as a percentage, or as two numbers if there are few cases.

    Args:
        part: number of cases with the property.
        whole: number of all cases.

    >>> format_share(66, 100), format_share(3, 10), format_share(0, 0)
    ('66%', '3 of 10', '–')
    """
    if not whole:
        return UNDEFINED
    if whole < FEWEST:
        return f"{format_decimals(part)} of {format_decimals(whole)}"
    return format_percent(part / whole)


def format_decimals(value: float, digits: int = 0) -> str:
    """Format a number with a given number of decimals.

    >>> format_decimals(1234.5), format_decimals(-0.04, 1), format_decimals(-1.25, 2)
    ('1,234', '0.0', '−1.25')
    """
    if math.isnan(value):
        return UNDEFINED
    text = f"{abs(value):,.{digits}f}"
    return f"{_MINUS}{text}" if value < 0 and text.strip("0.") else text


def format_number(value: float) -> str:
    """Format a number to three significant digits, without powers of ten.

    >>> format_number(1234.5), format_number(-0.0012345)
    ('1,234', '−0.00123')
    """
    if not math.isfinite(value):
        return _INFINITE.get(value, UNDEFINED)
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(digits, 6)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", _MINUS)


def format_setting(value: float) -> str:
    """Format the number of a setting with all its digits, up to ten.

    >>> format_setting(0.05), format_setting(73_000), format_setting(-0.221)
    ('0.05', '73,000', '−0.221')
    """
    return f"{value:,.10g}".replace("-", _MINUS) if math.isfinite(value) else _INFINITE.get(value, UNDEFINED)


def format_percent_setting(share: float) -> str:
    """Format the share of a setting as a percentage with all its digits, such as a prevalence that a comparison sets.

    >>> format_percent_setting(0.01), format_percent_setting(0.015)
    ('1%', '1.5%')
    """
    return f"{format_setting(100 * share)}%"


def add_sign(number: str) -> str:
    """Write a plus sign before a formatted number above zero; a number below zero has its minus sign already.

    >>> add_sign("1.2"), add_sign("−1.2"), add_sign("0.0")
    ('+1.2', '−1.2', '0.0')
    """
    return f"+{number}" if _is_above_zero(number) and not number.startswith((_MINUS, "<")) else number


def format_money(pounds: float) -> str:
    """Format an amount of money in whole pounds.

    >>> format_money(1234.5), format_money(-20)
    ('£1,234', '−£20')
    """
    return _add_pounds(format_decimals(pounds))


def format_outcome(name: str, value: Any, *, unit: bool = True) -> str:
    """Format the value of an outcome in its unit; "–" if it is undefined.

    Args:
        name: name of an outcome, or one with a part, such as `chain_stopped_at.C3`.
        value: a number, or None or NaN if undefined.
        unit: whether to write weeks and months, which the name of the outcome may say already.

    >>> format_outcome("missed_risk_rate", 0.691), format_outcome("cost_gbp_per_child_year", 1234.5)
    ('69%', '£1,234')
    >>> format_outcome("utilisation_mean", 0.914), format_outcome("equity_gap_miss", -1.24)
    ('0.91', '−1.2')
    """
    if value is None or math.isnan(value):
        return UNDEFINED
    outcome = OUTCOMES[name.partition(".")[0]]
    if outcome.is_share:
        return format_percent(value)
    number = format_decimals(value, 0 if abs(value) >= 100 else outcome.digits)
    if outcome.unit == GBP:
        return _add_pounds(number)
    shown = unit and outcome.unit != POINTS
    return f"{number}{_UNITS.get(outcome.unit, '')}" if shown else number


def format_price(name: str, values: Mapping[str, Any]) -> str:
    """Format what an outcome takes, from the values of the outcomes that its price names; empty without a price.

    Args:
        name: name of an outcome.
        values: value of each outcome by name, such as a summary.

    >>> format_price("missed_on_file_share", {"pooled_alarms_per_10k_year": 150.2, "pooled_alarm_ppv": 0.661})
    'at 150 alarms a year per 10,000, 66% of them true'
    """
    price = OUTCOMES[name].price
    return price.format_map({each: format_outcome(each, values[each]) for each in OUTCOMES if each in price})


def format_magnitude(name: str, size: float, half_width: float = math.nan, *, unit: bool = True) -> str:
    """Format the size of a difference in its unit, with no more digits than its interval justifies.

    Args:
        name: name of an outcome, or one with a part, such as `chain_stopped_at.C3`.
        size: size of the difference in the unit of the outcome, 0 or more.
        half_width: half width of its interval in the same unit; without one, two significant digits are shown.
        unit: whether to write the unit, which the levels next to a difference may show already.

    >>> format_magnitude("missed_risk_rate", 0.0078, half_width=0.003)
    '0.8 percentage points'
    """
    outcome = OUTCOMES[name.partition(".")[0]]
    scale = 100 if outcome.is_share else 1
    grain = scale * (half_width / 3 if half_width > 0 else size / 10)
    decimals = max(0, -math.floor(math.log10(grain))) if grain > 0 else 0
    number = f"{scale * size:,.{min(decimals, _MOST_DECIMALS)}f}"
    if outcome.unit == GBP:
        return f"£{number}"
    return f"{number}{_UNITS.get(POINTS if outcome.is_share else outcome.unit, '')}" if unit else number


def format_interest(name: str, size: float) -> str:
    """Format a size of interest, which is exact, in the unit of its outcome.

    >>> format_interest("missed_risk_rate", 0.01), format_interest("assessed_neither_per_10k_year", 0.5)
    ('1 percentage point', '0.5')
    """
    outcome = OUTCOMES[name.partition(".")[0]]
    number = format_setting(100 * size if outcome.is_share else size)
    if outcome.unit == GBP:
        return f"£{number}"
    noun = _UNITS.get(POINTS if outcome.is_share else outcome.unit, "")
    return f"{number}{noun.removesuffix('s') if number == '1' else noun}"


def format_difference(
    name: str, difference: float, half_width: float = math.nan, *, unit: bool = True
) -> str:
    """Format a difference in its unit with a sign; arguments as for `format_magnitude`.

    >>> format_difference("missed_risk_rate", -0.0078, half_width=0.003)
    '−0.8 percentage points'
    """
    if math.isnan(difference):
        return UNDEFINED
    size = format_magnitude(name, abs(difference), half_width, unit=unit)
    return f"{_MINUS}{size}" if difference < 0 and _is_above_zero(size) else add_sign(size)


def format_change(name: str, difference: float, low: float = math.nan, high: float = math.nan) -> str:
    """Say in a clause how an outcome changed, with the size in its unit and, if there is one, its interval.

    Args:
        name: name of an outcome, or one with a part.
        difference: the change, not 0.
        low: lower end of its interval; NaN without one.
        high: upper end.

    >>> format_change("missed_risk_rate", -0.008, -0.011, -0.005), format_change("referral_ppv", 0.02)
    ('missed risk fell by 0.8 percentage points (0.5 to 1.1)', 'referrals with harm rose by 2.0 percentage points')
    """
    grain = find_grain(low, high)
    size = format_magnitude(name, abs(difference), grain)
    change = OUTCOMES[name.partition(".")[0]].change
    if change is None:
        text = f"{format_noun(name)} {'rose' if difference > 0 else 'fell'} by {add_rate(name, size)}"
    else:
        text = change[0 if difference > 0 else 1].format(size=size, part=format_part(name))
    if math.isnan(grain):
        return text
    ends = (format_magnitude(name, end, grain, unit=False) for end in sorted((abs(low), abs(high))))
    return f"{text} ({' to '.join(ends)})"


def find_grain(low: float, high: float) -> float:
    """Find the half width that decides the digits of a difference: fine enough to see that its interval excludes 0.

    >>> find_grain(-0.5, 1.5), find_grain(0.25, 4.25)
    (1.0, 0.75)
    """
    half = (high - low) / 2
    return max(min(half, 3 * min(abs(low), abs(high))), half / 10) if low * high > 0 else half


def add_rate(name: str, size: str) -> str:
    """Add the unit of a rate to a formatted size, which has any other unit already.

    >>> add_rate("contacts_per_10k_year", "+12"), add_rate("cost_gbp_per_child_year", "+£12")
    ('+12 per 10,000 children a year', '+£12')
    """
    unit = OUTCOMES[name.partition(".")[0]].unit
    return f"{size} {unit}" if unit in (PER_10K, PER_10K_YEAR) else size


def format_tick(name: str, difference: float) -> str:
    """Format a difference for the axis of a figure: with its sign and three significant digits, without its unit.

    >>> format_tick("missed_risk_rate", -0.025), format_tick("cost_gbp_per_child_year", 20.0)
    ('−2.5', '+£20')
    """
    outcome = OUTCOMES[name]
    number = format_number(100 * difference if outcome.is_share else difference)
    return add_sign(_add_pounds(number) if outcome.unit == GBP else number)


def format_interval(
    name: str, low: float, high: float, half_width: float = math.nan, *, unit: bool = True
) -> str:
    """Format the interval of a difference, with the unit once; "–" if there is none.

    Args:
        name: name of an outcome, or one with a part, such as `chain_stopped_at.C3`.
        low: lower limit in the unit of the outcome.
        high: upper limit.
        half_width: the half width that decides the digits; by default that of the interval.
        unit: whether to write the unit.

    Neither end has a plus sign if both are above 0, because the difference has it.

    >>> format_interval("missed_risk_rate", -0.012, 0.003), format_interval("missed_risk_rate", 0.001, 0.003)
    ('−1.2 to +0.3 percentage points', '0.10 to 0.30 percentage points')
    """
    if math.isnan(low) or math.isnan(high):
        return UNDEFINED
    half = (high - low) / 2 if math.isnan(half_width) else half_width
    first = format_difference(name, low, half, unit=False)
    text = f"{first} to {format_difference(name, high, half, unit=unit)}"
    return text.replace("+", "") if low > 0 else text


def format_range(low: float, high: float, digits: int = 1) -> str:
    """Format the interval of a number of spells or children, which is never below zero; "–" if there is none.

    >>> format_range(-0.2, 3.14)
    '0.0 to 3.1'
    """
    if math.isnan(low):
        return UNDEFINED
    return f"{format_decimals(max(low, 0), digits)} to {format_decimals(high, digits)}"


def format_estimate(value: float, low: float, high: float, *, whole: bool = False) -> str:
    """Format a mean number of spells or children per seed with its interval, if it has one.

    Args:
        value: mean number per seed; whole numbers have no decimals, and neither have numbers from 10 on.
        low: lower end of the interval; NaN if there is none.
        high: upper end of the interval.
        whole: whether to round to whole numbers in any case, as for a single seed.

    >>> format_estimate(4.2, 3.1, 5.3), format_estimate(12.0, 12.0, 12.0)
    ('4.2 (3.1 to 5.3)', '12')
    """
    digits = 0 if whole or value >= 9.5 or float(value).is_integer() else 1
    number = format_decimals(value, digits)
    return number if math.isnan(low) or low == high else f"{number} ({format_range(low, high, digits)})"


def format_count(number: float, noun: str, plural: str = "") -> str:
    """Write a whole number with a noun in the singular or plural, which may be followed by a verb.

    >>> format_count(1, "year"), format_count(73_000, "child was", "children were")
    ('1 year', '73,000 children were')
    """
    return f"{format_decimals(number)} {pluralise(number, noun, plural)}"


def pluralise(number: float, noun: str, plural: str = "") -> str:
    """Choose the form of a noun that follows a number written without decimals.

    Args:
        number: the number.
        noun: the singular.
        plural: the plural; by default the singular with an s.

    >>> pluralise(1, "year"), pluralise(0, "child", "children")
    ('year', 'children')
    """
    return noun if format_decimals(number) == "1" else plural or f"{noun}s"


def format_day(day: date, *, short: bool = False) -> str:
    """Write a date in words.

    Args:
        day: the date.
        short: whether to shorten the name of the month, for a narrow column.

    >>> from datetime import date
    >>> format_day(date(2005, 4, 1)), format_day(date(2005, 9, 30), short=True)
    ('1 April 2005', '30 Sep 2005')
    """
    return f"{day.day} {day:%b %Y}" if short else f"{day.day} {format_month(day)}"


def format_month(day: date) -> str:
    """Write the month and the year of a date.

    >>> from datetime import date
    >>> format_month(date(2005, 4, 1))
    'April 2005'
    """
    return f"{day:%B %Y}"


def format_outcome_name(name: str) -> str:
    """Write the name of an outcome in words: its label, and the part of one in parts.

    Args:
        name: name of an outcome, or one with a part, such as `chain_stopped_at.C3`; any other name is written with
            spaces instead of underscores.

    >>> format_outcome_name("missed_risk_rate"), format_outcome_name("contacts_by_kind_per_10k_year.school")
    ('Missed risk', 'Contacts by schools')
    >>> format_outcome_name("chain_stopped_at.C3")
    'Misses: known but not shared'
    """
    first, _, part = name.partition(".")
    outcome = OUTCOMES.get(first)
    if outcome is None:
        return name.replace("_", " ")
    return outcome.part_label.format(part=format_part(name)) if part else outcome.label


def format_noun(name: str) -> str:
    """Write the name of an outcome as it stands within a sentence.

    >>> format_noun("missed_risk_rate"), format_noun("source_share.school"), format_noun("trust_mean")
    ('missed risk', 'the share of referrals from schools', 'trust between agencies')
    """
    outcome = OUTCOMES.get(name.partition(".")[0])
    noun = outcome.noun if outcome is not None else ""
    return noun.format(part=format_part(name)) if noun else lower_first(format_outcome_name(name))


def format_part(name: str) -> str:
    """Write the part of an outcome as it is named within a sentence; empty for a name without a part.

    >>> format_part("source_share.gp"), format_part("chain_stopped_at.C3"), format_part("missed_risk_rate")
    ('GP practices', 'known but not shared', '')
    """
    first, _, part = name.partition(".")
    outcome = OUTCOMES.get(first)
    if outcome is not None and outcome.parts == BY_KIND and part:
        return lower_first(format_agency_kind(part))
    return lower_first(outcome.parts[part] if outcome is not None and part in outcome.parts else part)


_KINDS: Final = {
    "school": "Schools",
    "gp": "GP practices",
    "pct": "Primary Care Trusts",
    "hospital": "Hospitals",
    "police": "Police",
    "community": "The public and community",
}


def format_agency_kind(kind: str) -> str:
    """Write the name of a kind of agency for a reader; a kind defined by the user is written from its own name.

    >>> format_agency_kind("gp"), format_agency_kind("youth_club")
    ('GP practices', 'Youth club')
    """
    return _KINDS.get(kind, raise_first(kind.replace("_", " ")))


def raise_first(text: str) -> str:
    """Write the first letter in upper case, as at the start of a sentence, unless its word is a name in a file.

    >>> raise_first("missed risk fell"), raise_first(""), raise_first("workforce_plan is not in play")
    ('Missed risk fell', '', 'workforce_plan is not in play')
    """
    return text if "_" in text.partition(" ")[0] else text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """Write the first letter in lower case, as within a sentence, unless its word is a name or an abbreviation.

    >>> lower_first("Missed risk"), lower_first("GP practices"), lower_first("Primary Care Trusts")
    ('missed risk', 'GP practices', 'Primary Care Trusts')
    """
    first, *others = text.split(" ")
    is_name = first[1:] != first[1:].lower() or (others != [] and all(word[:1].isupper() for word in others))
    return text if is_name else text[:1].lower() + text[1:]


def format_list(items: Iterable[str]) -> str:
    """Join items as in a sentence; an empty text for no items.

    >>> format_list(["a", "b", "c"])
    'a, b and c'
    """
    *first, last = list(items) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def _add_pounds(number: str) -> str:
    return f"{_MINUS}£{number[1:]}" if number.startswith(_MINUS) else f"£{number}"


def _is_above_zero(number: str) -> bool:
    """Return whether a formatted number without a sign is more than zero as it is written."""
    return any(digit in number for digit in "123456789")
