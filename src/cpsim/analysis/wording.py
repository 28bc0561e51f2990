"""Formats numbers and names for the page of an analysis."""

import math
import re
from collections.abc import Hashable, Mapping
from typing import Any

from cpsim.formatting import UNDEFINED, format_number
from cpsim.scenario.text import escape_unsafe


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
