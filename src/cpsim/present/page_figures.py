"""Figures inside a page, drawn in the colours of the page, so that they follow its light or dark theme."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from cpsim.plot import style
from cpsim.plot.saving import DrawnFigure, draw_svg, embed_svg, find_title, remove_title
from cpsim.present.blocks import PageFigure
from cpsim.present.page_html import INKS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from cpsim.present.blocks import Text

_VARIABLES = {ink.light.lower(): f"var(--{name})" for name, ink in INKS.items()}
_VARIABLES[style.QUIET.lower()] = "var(--quiet)"
_COLOUR = re.compile(r"(?<=: )#[0-9a-f]{6}\b")
_LABEL = re.compile(r'(?<=aria-label=")[^"]*')
_BOX = re.compile(r'(?<=viewBox=")[^"]*')
_PATH = re.compile(r' d="[^"]*"')
_STYLE = re.compile(r' style="[^"]*"')
_FINE = re.compile(r"\d+\.\d\d+")
_LONG = re.compile(r"\d+\.\d{3,}")
_SPACE = re.compile(r"(?<=[:;]) +")
_LINES = re.compile(r"M [\d. -]+(?:L [\d. -]+)+")
_GAP = re.compile(r">\s+<")
_GLYPH = re.compile(r'(?<=-)DejaVuSans-(Bold-)?(?=[0-9a-f]+")')
_PLACE = re.compile(r' transform="translate\((-?[\d.]+) 0\)"(?=/>)')
_GROUP = re.compile(r'<g id="[^"]*">')
_COMMENT = re.compile(r"\s*<!--.*?-->", re.DOTALL)


def embed_figure(figure: Figure | DrawnFigure, title: str, alternative: str, caption: Text) -> PageFigure:
    """Embed a figure in a page.

    Args:
        figure: a figure made by a function of `cpsim.plot`; it is drawn unless it has been drawn already.
        title: title of the figure.
        alternative: text alternative: what the figure shows, with its numbers, for users of screen readers.
        caption: caption below the figure.
    """
    label = escape(alternative)
    drawn = figure if isinstance(figure, DrawnFigure) else draw_svg(figure)
    box = _find_box_below_title(drawn)
    svg = embed_svg(replace(drawn, svg=remove_title(drawn.svg)))
    svg = _LABEL.sub(lambda _: str(label), _BOX.sub(box, _COMMENT.sub("", svg), count=1), count=1)
    inked = _COLOUR.sub(lambda colour: _VARIABLES.get(colour[0], colour[0]), svg)
    return PageFigure(title, Markup(_compact(inked)), caption)


def _compact(drawn: str) -> str:
    """Shorten an SVG: no space between tags and in styles, numbers rounded, and letters placed in few characters.

    Most of a figure are its letters, each of which refers to the outline of its glyph.
    """
    short = _PATH.sub(lambda path: _shorten_path(path[0]), drawn)
    short = _GAP.sub("><", _STYLE.sub(lambda style: _shorten_style(style[0]), short))
    short = _PLACE.sub(lambda place: f' x="{float(place[1]):.0f}"', _GROUP.sub("<g>", short))
    return _GLYPH.sub(lambda font: "b" if font[1] else "s", short.replace("xlink:href=", "href="))


def _shorten_style(text: str) -> str:
    """Round the numbers of a style to a hundredth, and leave out its spaces after punctuation."""
    return _SPACE.sub("", _LONG.sub(lambda number: f"{float(number[0]):.2f}", text))


def _shorten_path(path: str) -> str:
    """Round the numbers of a path, and merge consecutive line commands."""
    rounded = _FINE.sub(lambda number: f"{float(number[0]):.1f}", path.replace("\n", ""))
    return _LINES.sub(lambda lines: lines[0].replace("L ", ""), rounded)


def _find_box_below_title(drawn: DrawnFigure) -> str:
    """Find the view box without the title, which the heading of the page repeats, in points."""
    width, height = (72 * float(inches) for inches in drawn.figure.get_size_inches())
    title = find_title(drawn.figure)
    if title is None:
        return f"0 0 {width:g} {height:g}"
    top = max(height * (1 - title.get_position()[1]) + float(title.get_fontsize()) / 2, 0)
    left = max(min(style.LEFT * width, 72 * drawn.left - 2), 0)
    return f"{left:.1f} {top:.1f} {width - left:.1f} {height - top:.1f}"
