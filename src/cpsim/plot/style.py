"""The common style of all figures: size, typeface, Okabe-Ito colours, and a question as the title.

The colours can be used for figures of your own; `cpsim.plot` describes `result`, which other examples use.

>>> from cpsim.plot.style import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, YELLOW
>>> mpl.cycler(color=[BLUE, VERMILION, GREEN, ORANGE, SKY, PURPLE, YELLOW]).by_key()["color"][:3]
['#0072B2', '#D55E00', '#009E73']
"""

from __future__ import annotations

import io
import textwrap
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.text import Text

from cpsim.present.colours import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, YELLOW
from cpsim.scenario.text import escape_unsafe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpsim.results import RunResult

__all__ = [
    "BLUE",
    "GREEN",
    "ORANGE",
    "PURPLE",
    "SKY",
    "VERMILION",
    "YELLOW",
    "create_figure",
    "create_run_figure",
    "use_style",
]

INK = "#222222"
QUIET = "#6b6b6b"
FAINT = "#d9d9d9"
PAPER = "#ffffff"
"""Main text, secondary text, guide lines and background. These are the only greys, so that a page in dark mode can
replace all four."""

BETTER, WORSE = BLUE, VERMILION
"""Colours of a difference that is better or worse for children and families."""

CAUTION = "synthetic children: no predictions about any real child or council"
LEFT = 0.03
"""Left edge of titles and labels, as a share of the width of the figure."""

SIZE = (12.0, 7.5)
"""Width and height in inches: the shape of a slide, readable across a printed page."""

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
    "axes.titley": 1.0,  # no title has to avoid anything, and looking for it takes a layout of its axes
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "date.converter": "concise",
    "text.parse_math": False,  # a name with dollar signs is not a formula
    "svg.hashsalt": "cpsim",
    "svg.fonttype": "path",
}

TEXT_BACKGROUND: Any = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.0}
"""Box behind a text (`bbox` of matplotlib), so that no line crosses the letters."""

_DOTS = 144
"""Dots per inch in a notebook: two for each dot of the page, so that the figure is sharp on any screen."""


@contextmanager
def use_style() -> Iterator[None]:
    """Draw and save figures in the style of cpsim; the user's own matplotlib settings are neither used nor changed.

    Works as a context manager and as a decorator.

    >>> with use_style():
    ...     mpl.rcParams["axes.titlelocation"]
    'left'
    """
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "Glyph .* missing"
        )  # an emoji in a scenario name has no glyph and becomes a box
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


class NotebookFigure(Figure):
    """A figure that a notebook displays without pyplot; its label is a description for screen readers.

    What cannot be printed, such as a control character in the name of a loaded result, is escaped when it is drawn.
    """

    def draw(self, renderer: Any) -> None:
        """Draw the figure with matplotlib."""
        for text in self.findobj(Text):
            text.set_text(escape_unsafe(text.get_text(), keep_lines=True))
        super().draw(renderer)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        content = io.BytesIO()
        with use_style():
            self.savefig(content, format="png", dpi=_DOTS)
        width, height = (round(inches * _DOTS / 2) for inches in self.get_size_inches())
        return content.getvalue(), {"width": width, "height": height}


def create_run_figure(result: RunResult, title: str, subtitle: str) -> Figure:
    """Create an empty figure for a run, with the scenario and the seed in its last line.

    Args:
        result: the run.
        title: the question that the figure answers.
        subtitle: what is counted, and in which unit; one or two lines.

    >>> figure = create_run_figure(result, "How severe was the harm?", "Spells of harm by severity.")
    >>> figure.texts[-1].get_text()
    'cpsim · small · seed 1 · synthetic children: no predictions about any real child or council'
    """
    return create_figure(title, subtitle, f"{format_name(result.scenario['name'])} · seed {result.seed}")


def create_figure(
    title: str, subtitle: str, source: str, size: tuple[float, float] = SIZE, scale: float = 1.0
) -> Figure:
    """Create an empty figure with a title, a subtitle and a last line that names `source` and the caution.

    Args:
        title: the question that the figure answers.
        subtitle: what is shown, and in which unit; one or two lines.
        source: the scenario, arms or sweep, and the seeds.
        size: width and height in inches.
        scale: size of the texts; below 1 for a figure that a page shows in a narrow column.

    >>> figure = create_figure("How severe was the harm?", "Spells of harm by severity.", "two runs")
    >>> figure.get_label()
    'How severe was the harm? Spells of harm by severity.'
    """
    figure = NotebookFigure(figsize=size, facecolor=PAPER, label=f"{title} {subtitle}".replace("\n", " "))
    inch = scale / size[1]
    figure.text(LEFT, 1 - 0.36 * inch, title, fontsize=22 * scale, weight="bold", va="center")
    figure.text(
        LEFT, 1 - 0.6375 * inch, subtitle, fontsize=13 * scale, color=QUIET, va="top", linespacing=1.4
    )
    figure.text(
        LEFT, 0.165 * inch, f"cpsim · {source} · {CAUTION}", fontsize=10 * scale, color=QUIET, va="center"
    )
    return figure


def format_name(text: str, longest: int = 60) -> str:
    """Put the name of a scenario on one line of at most `longest` characters.

    >>> format_name("a much  lower threshold", 14)
    'a much lower …'
    """
    return shorten(" ".join(text.split()), longest)


def shorten(text: str, longest: int) -> str:
    """Cut `text` to at most `longest` characters, between words if it has any.

    >>> shorten("a much lower threshold at the front door", 24)
    'a much lower threshold …'
    """
    if len(text) <= longest:
        return text
    return (
        textwrap.shorten(text, longest, placeholder=" …")
        if " " in text[:longest]
        else f"{text[: longest - 1]}…"
    )
