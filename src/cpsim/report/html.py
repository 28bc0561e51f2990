"""From the data of a page to its HTML: one file that asks for nothing else and runs nothing."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cpsim.plot import style

if TYPE_CHECKING:
    from cpsim.report.blocks import Page


class Ink(NamedTuple):
    """A colour on a light and on a dark page."""

    light: str
    dark: str


INKS: dict[str, Ink] = {
    "paper": Ink(style.PAPER, "#14171a"),
    "ink": Ink(style.INK, "#e8e6e1"),
    "quiet": Ink("#5c5c5c", "#a9afb6"),
    "faint": Ink(style.FAINT, "#3a4047"),
    "blue": Ink(style.BLUE, "#4ba3dc"),
    "sky": Ink(style.SKY, style.SKY),
    "green": Ink(style.GREEN, "#23b58c"),
    "orange": Ink(style.ORANGE, style.ORANGE),
    "vermilion": Ink(style.VERMILION, "#ee7a2c"),
    "purple": Ink(style.PURPLE, style.PURPLE),
    "yellow": Ink(style.YELLOW, style.YELLOW),
}
"""The inks of pages and figures by the name of their CSS variable. They keep their hue in the dark."""


def html(page: Page) -> str:
    """The complete text of a page."""
    return _environment().get_template("page.html.j2").render(page=page, inks=INKS).lstrip()


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("cpsim.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )


def _harmless(value: Any) -> Any:
    """Text from a file as a page can hold it: without signs that no page may have. Markup is our own."""
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def harmless(text: str) -> str:
    """`text` with a replacement character for every sign that HTML forbids: controls, surrogates, noncharacters."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _forbidden(sign) else sign for sign in text)


def _forbidden(sign: str) -> bool:
    point = ord(sign)
    if unicodedata.category(sign) == "Cc":
        return sign not in "\n\t"
    return 0xD800 <= point <= 0xDFFF or 0xFDD0 <= point <= 0xFDEF or point & 0xFFFE == 0xFFFE
