"""Rendering of a page as one HTML file that loads no other file and runs no script."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from cpsim.plot import style
from cpsim.present.phrases import replace_forbidden

if TYPE_CHECKING:
    from cpsim.present.blocks import Page


class Ink(NamedTuple):
    """A colour on a light page and on a dark page."""

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
"""Name of a CSS variable -> the colour of pages and figures; its hue is the same on dark pages."""


_PER_CENT = re.compile(r"(?<=\d) %")


_OUTLINE = re.compile(r'<path id="f[0-9a-f]{8}-([bs][0-9a-f]+)"( d="[^"]*" transform="[^"]*")/>')
_LETTER = re.compile(r'(?<=href="#)f[0-9a-f]{8}-(?=[bs][0-9a-f]+")')


def render_page(page: Page) -> str:
    """Return the complete HTML of a page; characters that HTML forbids become U+FFFD."""
    text = _create_environment().get_template("page.html.j2").render(page=page, inks=INKS).lstrip()
    return replace_forbidden(_share_outlines(text))


def _share_outlines(text: str) -> str:
    """Move the outlines of letters from the figures of a page to its start, so that each is written once."""
    outlines = {found[1]: found[2] for found in _OUTLINE.finditer(text)}
    if not outlines:
        return text
    paths = "".join(f'<path id="letter-{letter}"{shape}/>' for letter, shape in sorted(outlines.items()))
    shared = f'<svg class="letters" width="0" height="0" aria-hidden="true"><defs>{paths}</defs></svg>'
    without = _OUTLINE.sub("", text).replace("<defs></defs>", "")
    return _LETTER.sub("letter-", without).replace("<body>", f"<body>\n{shared}", 1)


def _prevent_break(text: str) -> str:
    """Prevent a line break between a number and a per cent sign after a space; markup stays markup."""
    return type(text)(_PER_CENT.sub("\N{NO-BREAK SPACE}%", text))


@cache
def _create_environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("cpsim.present"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["prevent_break"] = _prevent_break
    return environment
