"""Names, dates and numbers in running text."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterable

_CODE = re.compile(r"`([^`]+)`")


def named(text: str) -> Markup:
    """A name that somebody has given, kept apart: writing from right to left does not turn the sentence around it."""
    return Markup("<bdi>{}</bdi>").format(_breakable(text))


def code(name: str) -> Markup:
    """The name of a setting or a number, which may be broken where its words end."""
    return Markup("<code>{}</code>").format(_breakable(name))


def _breakable(text: str) -> Markup:
    return Markup("<wbr>").join(re.split(r"(?<=[._])(?=\w)", text))


def with_names(sentence: str, names: Iterable[str]) -> Markup:
    """A sentence with each of some names kept apart, and what stands between backticks as code."""
    text = escape(sentence)
    known = sorted({str(escape(name)) for name in names if name}, key=len, reverse=True)
    if known:
        pattern = rf"(?<!\w)({'|'.join(map(re.escape, known))})(?!\w)"
        text = Markup(re.sub(pattern, r"<bdi>\1</bdi>", str(text)))
    return Markup(_CODE.sub(r"<code>\1</code>", str(text)))


def day(on: date) -> str:
    """A date as one says it: 1 April 2005."""
    return f"{on.day} {on:%B %Y}"


def listed(things: Iterable[str]) -> str:
    """Some things in a row: a, b and c."""
    *first, last = list(things) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def count(number: float, what: str, several: str = "") -> str:
    """So many of something."""
    return f"{number:,.0f} {what if number == 1 else several or f'{what}s'}"


def value(setting: Any) -> str:
    """The value of a setting as a reader would write it."""
    if setting is None:
        return "–"
    if isinstance(setting, bool):
        return "yes" if setting else "no"
    if isinstance(setting, float | int):
        return f"{setting:,.10g}".replace("-", "−")
    if isinstance(setting, date):
        return day(setting)
    if isinstance(setting, list | tuple):
        return ", ".join(map(value, setting)) or "none"
    if isinstance(setting, dict):
        return ", ".join(f"{name} {value(inner)}" for name, inner in setting.items() if inner is not None)
    return str(setting)
