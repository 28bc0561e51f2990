"""Names, dates and numbers in running text."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from cpsim.formatting import format_day, format_setting
from cpsim.results.loading import describe_changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_CODE = re.compile(r"`([^`]+)`")
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + "]"
)
"""Characters that HTML forbids: control characters, surrogates and noncharacters."""


def replace_forbidden(text: str) -> str:
    """Replace each character that HTML forbids by the replacement character U+FFFD.

    >>> replace_forbidden("a" + chr(27))
    'a�'
    """
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def isolate_name(text: str) -> Markup:
    """Isolate a name given by the user, so that right-to-left text does not change the direction of the sentence.

    >>> str(isolate_name("my.run"))
    '<bdi>my.<wbr>run</bdi>'
    """
    return Markup("<bdi>{}</bdi>").format(_allow_breaks(text))


def add_changes(text: str, provenance: Mapping[str, Any], separator: str = "; ") -> str:
    """Add to a description of a result that it was loaded although files had changed; unchanged if none had.

    >>> add_changes("seed 7", {}), add_changes("seed 7", {"changed_files": ["spells.parquet"]})
    ('seed 7', 'seed 7; loaded although spells.parquet has changed')
    """
    changes = describe_changes(provenance)
    return f"{text}{separator}{changes}" if changes else text


def format_code(name: str) -> Markup:
    """Mark up the name of a setting or outcome as code, with line breaks allowed between its words."""
    return Markup("<code>{}</code>").format(_allow_breaks(name))


def _allow_breaks(text: str) -> Markup:
    return Markup("<wbr>").join(re.split(r"(?<=[._])(?=\w)", text))


def format_sentence(sentence: str, names: Iterable[str]) -> Markup:
    """Isolate each of `names` in a sentence, and mark up text in backticks as code.

    >>> str(format_sentence("my_arm changes `duty`.", ["my_arm"]))
    '<bdi>my_arm</bdi> changes <code>duty</code>.'
    """
    text = escape(sentence)
    known = sorted({str(escape(name)) for name in names if name}, key=len, reverse=True)
    if known:
        pattern = rf"(?<!\w)({'|'.join(map(re.escape, known))})(?!\w)"
        text = Markup(re.sub(pattern, r"<bdi>\1</bdi>", str(text)))
    return Markup(_CODE.sub(r"<code>\1</code>", str(text)))


def format_value(setting: Any) -> str:
    """Write the value of a setting for a reader.

    >>> format_value(0.5), format_value(True), format_value(["school", "gp"])
    ('0.5', 'yes', 'school, gp')
    """
    if setting is None:
        return "–"
    if isinstance(setting, bool):
        return "yes" if setting else "no"
    if isinstance(setting, float | int):
        return format_setting(setting)
    if isinstance(setting, date):
        return format_day(setting)
    if isinstance(setting, list | tuple):
        return ", ".join(map(format_value, setting)) or "none"
    if isinstance(setting, dict):
        return ", ".join(
            f"{name} {format_value(inner)}" for name, inner in setting.items() if inner is not None
        )
    return str(setting)


def find_question(scenarios: Mapping[str, Mapping[str, Any]]) -> str:
    """Find the question that some scenarios ask of a reference; empty if they ask none, or several.

    Args:
        scenarios: settings by name, the reference first.

    >>> find_question({"small": {"question": ""}, "bound": {"question": "Do schools share more?"}})
    'Do schools share more?'
    """
    reference, *others = scenarios.values()
    asked = {str(scenario.get("question") or "") for scenario in others} - {"", reference.get("question")}
    return asked.pop() if len(asked) == 1 else ""
