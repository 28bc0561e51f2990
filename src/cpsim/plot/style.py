"""How every figure looks: one size, one typeface, the Okabe-Ito colours, a title that asks in plain words."""

from __future__ import annotations

import textwrap
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cpsim.results import RunResult

INK = "#222222"
QUIET = "#6b6b6b"
FAINT = "#d9d9d9"
BLUE = "#0072B2"
SKY = "#56B4E9"
GREEN = "#009E73"
ORANGE = "#E69F00"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
YELLOW = "#F0E442"

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


@contextmanager
def styled() -> Iterator[None]:
    """The settings under which figures are drawn and saved; whatever the user's own are stays untouched."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def titled(result: RunResult, title: str, subtitle: str) -> Figure:
    """An empty figure that asks `title`, says in `subtitle` what is counted, and below which run it shows."""
    return sheet(title, subtitle, f"{plain(result.scenario['name'])} · seed {result.seed}")


def sheet(title: str, subtitle: str, source: str) -> Figure:
    """The same for a figure of anything else; `source` names what it shows."""
    figure = Figure(figsize=SIZE, facecolor="white")
    figure.text(LEFT, 0.952, title, fontsize=22, weight="bold", va="center")
    figure.text(LEFT, 0.915, subtitle, fontsize=13, color=QUIET, va="top", linespacing=1.4)
    figure.text(LEFT, 0.022, f"cpsim · {source} · {CAUTION}", fontsize=10, color=QUIET, va="center")
    return figure


def plain(text: str) -> str:
    """A name from a scenario, short and without the signs that matplotlib would read as mathematics."""
    return textwrap.shorten(text, 60, placeholder=" …").replace("$", r"\$")


def save(figure: Figure, path: Path) -> None:
    """Write `figure`; equal figures give equal bytes.

    Raises:
        OSError: the disk refuses.
    """
    metadata = {"Date": None} if path.suffix == ".svg" else {"Software": None}
    figure.savefig(path, dpi=150, metadata=metadata)
