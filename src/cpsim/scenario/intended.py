"""What the author of a refused value probably meant: the same value, written so that the schema accepts it."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from cpsim.scenario.text import UNSAFE_IN_LINE, describe_character, escape_unsafe, replace_lookalike

Fragment = dict[str, Any]

_LONGEST = 60
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)")
_THOUSANDS = re.compile(r"([-+]?\d{1,3})((?:[,.' _\u00a0\u2009\u202f]\d{3})+)(\.\d+)?")
_CONTINENTAL = re.compile(r"[-+]?\d{1,3}(\.\d{3})+,\d+")
_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+")
_PER_CENT = re.compile(r"(.+?)\s*(?:%|per ?cent)")
_WITH_UNIT = re.compile(r"£?\s*([-+]?[\d.,]+)\s*([kK](?![a-z])|[a-z]\w*( \w+){0,4})?")

_YES, _NO = frozenset({"yes", "y", "on", "true", "1"}), frozenset({"no", "n", "off", "false", "0"})

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_YEAR_FIRST = re.compile(r"(\d{4})([-./ ]?)(\d\d?)\2(\d\d?)")
_YEAR_LAST = re.compile(r"(\d{1,2})[-./ ](\d{1,2})[-./ ](\d{4}|\d{2})")
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_MONTH_IN_WORDS = re.compile(rf"(?:{_DAY}[ -])?([a-z]{{3,9}})\.?[ -](?:{_DAY},? )?(\d{{4}})")
_TIME_OF_DAY = re.compile(r"[T ]\d{1,2}:\d{2}.*")
_NO_SPACE = re.compile(r"(?:^|\s)([A-Za-z_]\w*):(\S+)")


def suggest_reading(value: Any, allowed: Sequence[Fragment]) -> str:
    """Suggest how to write a value that was refused, as a clause for a message; empty if nothing plausible is allowed.

    Args:
        value: the value, as read.
        allowed: fragments of the JSON Schema for its place, one for each alternative.

    >>> share = {"type": "number", "minimum": 0, "maximum": 1}
    >>> suggest_reading("0,45", [share]), suggest_reading(45, [share])
    (', which has a decimal comma; write 0.45', '; did you mean 0.45?')
    >>> suggest_reading("01/09/2006", [{"type": "string", "format": "date"}])
    '; did you mean 2006-09-01, 1 September 2006 (day first)?'
    >>> suggest_reading("school", [{"type": "array", "items": {"type": "string"}}])
    '; write [school]'
    """
    if isinstance(value, str) and len(value) > _LONGEST:
        return ""
    readings = (clause for fragment in allowed for clause in _read_as(value, fragment))
    return escape_unsafe(next(readings, ""))


def _read_as(value: Any, fragment: Fragment) -> Iterator[str]:
    """Yield the clauses for one alternative of the schema, the most plausible first."""
    kind, is_date = fragment.get("type"), fragment.get("format") == "date"
    if isinstance(value, str) and (kind != "string" or is_date):
        yield from _name_lookalikes(value, fragment)
        if match := _NO_SPACE.search(value):
            yield f"; there is no space after `{match[1]}:`; write `{match[1]}: {match[2]}`"
    if kind in ("integer", "number"):
        yield from _suggest_numbers(value, fragment)
    elif kind == "boolean":
        yield from _suggest_booleans(value)
    elif kind == "array":
        yield from _suggest_lists(value, fragment)
    elif is_date:
        yield from _suggest_dates(value)
    elif (
        kind == "string" and not fragment.keys() & {"enum", "const"} and isinstance(value, int | float | date)
    ):
        yield f'; put it in quotes: "{str(value).lower() if isinstance(value, bool) else value}"'


def _name_lookalikes(text: str, fragment: Fragment) -> Iterator[str]:
    """Name the first character that stands for a similar one of the keyboard, and say what to type."""
    first = next((character for character in text if replace_lookalike(character)), None)
    if first is None:
        return
    named = f", which contains {describe_character(first)}"
    typed = "".join(replace_lookalike(character) or character for character in text)
    bare = typed.strip("\"' ")
    if (
        fragment["type"] in ("integer", "number")
        and _NUMBER.fullmatch(bare)
        and _is_allowed(Decimal(bare), fragment)
    ):
        yield f"{named}; write {bare}"
    elif fragment["type"] == "string" and (read := _read_date(bare)):
        yield f"{named}; write {read[0]}"
    elif typed.startswith("- "):
        yield f"{named}; an entry of a list begins with -"
    else:
        yield f"{named}; type {replace_lookalike(first)!r} instead"


class _Reading(NamedTuple):
    """A number that a text may stand for, and the clause that leads to it."""

    number: Decimal
    clause: str


def _suggest_numbers(value: Any, fragment: Fragment) -> Iterator[str]:
    readings = _read_text(value.strip()) if isinstance(value, str) else _read_number(value, fragment)
    for number, clause in readings:
        if _is_allowed(number, fragment):
            yield clause.format(f"{number.normalize():f}")


def _read_text(text: str) -> Iterator[_Reading]:
    """Yield the numbers that a text may stand for."""
    if _NUMBER.fullmatch(text):
        yield _Reading(Decimal(text), "; did you mean {}, without quotes?")
    if match := _PER_CENT.fullmatch(text):
        for number, _ in _read_text(match[1]):
            yield _Reading(number / 100, "; did you mean {}?")
            yield _Reading(number, "; write {}, without the per cent sign")
    if (match := _THOUSANDS.fullmatch(text)) and match[1].lstrip("+-0"):
        number = Decimal(match[1] + re.sub(r"\D", "", match[2]) + (match[3] or ""))
        mark = {",": "thousands comma", ".": "thousands point"}.get(match[2][0], "thousands separator")
        yield _Reading(number, f", which has a {mark}; write {{}}")
    if _CONTINENTAL.fullmatch(text):
        yield _Reading(
            Decimal(text.replace(".", "").replace(",", ".")), ", which has a decimal comma; write {}"
        )
    if _DECIMAL_COMMA.fullmatch(text):
        yield _Reading(Decimal(text.replace(",", ".")), ", which has a decimal comma; write {}")
    if (match := _WITH_UNIT.fullmatch(text)) and match[1] != text:
        for number, _ in _read_text(match[1]):
            thousand = match[2] in ("k", "K")
            yield _Reading(number * 1000 if thousand else number, "; write the number alone: {}")


def _read_number(value: Any, fragment: Fragment) -> Iterator[_Reading]:
    """Yield the numbers that another number may stand for: a share for its percentage, and a whole one for 3.0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    number = Decimal(str(value))
    if fragment.get("maximum") == 1 and 1 < abs(number) <= 100:
        yield _Reading(number / 100, "; did you mean {}?")
    if isinstance(value, float) and number == number.to_integral_value():
        yield _Reading(number, "; write {}, without a decimal point")
        yield _Reading(number * 1000, "; did you mean {}, without a thousands point?")


def _is_allowed(number: Decimal, fragment: Fragment) -> bool:
    """Whether a number is within the limits of a fragment, and whole if it must be."""
    return (
        (fragment["type"] == "number" or number == number.to_integral_value())
        and number >= Decimal(str(fragment.get("minimum", "-inf")))
        and number <= Decimal(str(fragment.get("maximum", "inf")))
        and number > Decimal(str(fragment.get("exclusiveMinimum", "-inf")))
        and number < Decimal(str(fragment.get("exclusiveMaximum", "inf")))
    )


def _suggest_booleans(value: Any) -> Iterator[str]:
    word = str(value).lower() if isinstance(value, str | int) else ""
    if word in _YES | _NO:
        quoted = ", without quotes" if word in ("true", "false") else ""
        yield f"; did you mean {'true' if word in _YES else 'false'}{quoted}?"


def _suggest_lists(value: Any, fragment: Fragment) -> Iterator[str]:
    items = fragment.get("items", {})
    if isinstance(value, dict):
        yield "; an entry of a list begins with -"
    elif items.keys() & {"$ref", "discriminator"}:  # the entries are groups of settings
        return
    elif parts := read_as_list(value, fragment):
        yield f"; write [{', '.join(parts)}]"
    elif (
        isinstance(value, int | float)
        and items.get("type") in ("integer", "number")
        and _is_allowed(Decimal(str(value)), items)
    ):
        yield f"; write [{value}]"


def read_as_list(value: Any, fragment: Fragment) -> list[str]:
    """Read a text as the list of texts that its author probably meant; empty if a fragment of the schema allows none.

    >>> read_as_list("school, gp", {"type": "array", "items": {"type": "string"}})
    ['school', 'gp']
    """
    of_texts = fragment.get("type") == "array" and fragment.get("items", {}).get("type") == "string"
    if (
        not of_texts
        or not isinstance(value, str)
        or any(map(replace_lookalike, value))
        or UNSAFE_IN_LINE.search(value)
    ):
        return []
    return [part.strip() for part in re.split("[,;]", value.strip("[]"))]


def _suggest_dates(value: Any) -> Iterator[str]:
    if isinstance(value, int) and not isinstance(value, bool) and 1900 <= value <= 2100:
        yield f"; write the whole date, such as {value}-04-01"
        return
    text = str(value).strip() if isinstance(value, str | int) else ""
    if read := _read_date(_TIME_OF_DAY.sub("", text)):
        day, order = read
        in_words = f"{day.day} {_MONTH_NAMES[day.month - 1]} {day.year}"
        yield f"; did you mean {day}, {in_words}{f' ({order})' if order else ''}?"


def _read_date(text: str) -> tuple[date, str] | None:
    """The date that a text may stand for, and in which order it was read; None if there is none."""
    if (match := _YEAR_FIRST.fullmatch(text)) and (match[2] or len(text) == 8):
        return _build_date(int(match[1]), int(match[3]), int(match[4]), "")
    if match := _YEAR_LAST.fullmatch(text):
        day, month, year = map(int, match.groups())
        year += 0 if year >= 100 else 2000 if year < 50 else 1900
        return _build_date(year, month, day, "day first") or _build_date(year, day, month, "month first")
    match = _MONTH_IN_WORDS.fullmatch(text.lower())
    if match and match[2][:3] in _MONTHS:
        month = 1 + _MONTHS.index(match[2][:3])
        return _build_date(int(match[4]), month, int(match[1] or match[3] or 1), "")
    return None


def _build_date(year: int, month: int, day: int, order: str) -> tuple[date, str] | None:
    try:
        return date(year, month, day), order
    except ValueError:
        return None
