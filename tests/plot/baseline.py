"""Small reference images of all figures; `python -m tests.plot.baseline` redraws them after an intended change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure
from tests.plot.sweep_analysis import build_analysis
from tests.results.synthetic import run_result
from tests.results.synthetic_comparison import comparison
from tests.stories.stories import find_stories

from cpsim.plot import (
    RUN_FIGURES,
    SWEEP_FIGURES,
    answer,
    differences,
    list_comparison_figures,
    style,
    timeline,
    trade_off,
)

FOLDER = Path(__file__).parent / "baseline"
_DOTS = 32


def list_figures() -> dict[str, Callable[[], Figure]]:
    """List the figures: name of the image -> function that draws it."""
    result, found = run_result(years=2, spells=1000), build_analysis()
    arms, single = comparison(seeds=8), comparison(arms=("small", "duty_complete"), seeds=1)
    of_run = {f"run_{name}": partial(draw, result) for name, draw in RUN_FIGURES.items()}
    of_arms = {f"comparison_{name}": draw for name, draw in list_comparison_figures(arms).items()}
    of_one_seed = {
        "one_seed_answer": partial(answer, single),
        "one_seed_differences": partial(differences, single),
        "one_seed_trade_off": partial(trade_off, single),
    }
    of_sweep = {f"sweep_{name}": partial(draw, found) for name, draw in SWEEP_FIGURES.items()}
    of_stories = {
        "story_alone": lambda: timeline(*find_stories("jigsaw")),
        "story_side_by_side": lambda: timeline(*find_stories("newly-missed", side_by_side=True)),
    }
    return {**of_run, **of_arms, **of_one_seed, **of_sweep, **of_stories}


def save_small(figure: Figure, path: Path) -> None:
    """Save `figure` at 32 dots per inch: 384 by 240 dots at the usual size."""
    with style.use_style():
        figure.savefig(path, dpi=_DOTS, metadata={"Software": None}, pil_kwargs={"optimize": True})


def main() -> None:
    """Redraw all images, and remove those of figures that no longer exist."""
    FOLDER.mkdir(exist_ok=True)
    draw_functions = list_figures()
    for old in FOLDER.glob("*.png"):
        if old.stem not in draw_functions:
            old.unlink()
    for name, draw in draw_functions.items():
        save_small(draw(), FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
