"""How every figure looks: one size, one typeface, the Okabe-Ito colours, a title that asks in plain words."""

from __future__ import annotations

import io
import textwrap
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

from cpsim.results.colours import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, YELLOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpsim.results import RunResult

__all__ = ["BLUE", "GREEN", "ORANGE", "PURPLE", "SKY", "VERMILION", "YELLOW"]

INK = "#222222"
QUIET = "#6b6b6b"
FAINT = "#d9d9d9"
PAPER = "#ffffff"
"""Text, what is said beside it, lines that only guide, and the ground. There are no other greys: a page in the dark
exchanges these four."""

BETTER, WORSE = BLUE, VERMILION
"""Of a difference: for the children and families, as far as that can be said."""

CAUTION = "synthetic children: predicts for no real child and no real council"
LEFT = 0.03
"""Where titles and labels begin, as a share of the width."""

SIZE = (12.0, 7.5)
"""Width and height in inches: fills a slide, and prints across a page."""

_SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 13,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": QUIET,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 13,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "date.converter": "concise",
    "svg.hashsalt": "cpsim",
    "svg.fonttype": "path",
}

_DOTS = 144
"""Dots an inch in a notebook: two for each dot of a page, so that it is sharp on any screen."""


@contextmanager
def styled() -> Iterator[None]:
    """The settings under which figures are drawn and saved; whatever the user's own are stays untouched."""
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # an emoji in a name is drawn as a box
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


class Picture(Figure):
    """A figure that a notebook shows although nobody imported pyplot. Its label says in words what it shows."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        content = io.BytesIO()
        with styled():
            self.savefig(content, format="png", dpi=_DOTS)
        width, height = (round(inches * _DOTS / 2) for inches in self.get_size_inches())
        return content.getvalue(), {"width": width, "height": height}


def titled(result: RunResult, title: str, subtitle: str) -> Figure:
    """An empty figure that asks `title`, says in `subtitle` what is counted, and below which run it shows."""
    return sheet(title, subtitle, f"{plain(result.scenario['name'])} · seed {result.seed}")


def sheet(title: str, subtitle: str, source: str) -> Figure:
    """The same for a figure of anything else; `source` names what it shows."""
    figure = Picture(figsize=SIZE, facecolor=PAPER, label=f"{title} {subtitle}".replace("\n", " "))
    figure.text(LEFT, 0.952, title, fontsize=22, weight="bold", va="center")
    figure.text(LEFT, 0.915, subtitle, fontsize=13, color=QUIET, va="top", linespacing=1.4)
    figure.text(LEFT, 0.022, f"cpsim · {source} · {CAUTION}", fontsize=10, color=QUIET, va="center")
    return figure


def ground() -> dict[str, Any]:
    """What keeps lines out from behind a text that stands upon them."""
    return {"facecolor": PAPER, "edgecolor": "none", "pad": 1.0}


def plain(text: str, longest: int = 60) -> str:
    """A name from a scenario, short and without the signs that matplotlib would read as mathematics."""
    return shortened(" ".join(text.split()), longest).replace("$", r"\$")


def shortened(text: str, longest: int) -> str:
    """Text of at most so many letters, cut between words where it can be."""
    if len(text) <= longest:
        return text
    return (
        textwrap.shorten(text, longest, placeholder=" …")
        if " " in text[:longest]
        else f"{text[: longest - 1]}…"
    )
