"""The figures as they should look, small: `python -m tests.plot.baseline` draws them anew after an intended change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from matplotlib.figure import Figure
from tests.plot.found import analysis
from tests.results.synthetic import run_result
from tests.results.synthetic_comparison import comparison
from tests.study.stories import told

from cpsim.plot import OF_RUN, OF_SWEEP, differences, of_comparison, style, timeline, trade_off

FOLDER = Path(__file__).parent / "baseline"
_DOTS = 32


def figures() -> dict[str, Callable[[], Figure]]:
    """What draws each figure, by the name of its picture."""
    result, found = run_result(years=2, spells=1000), analysis()
    arms, single = comparison(seeds=8), comparison(arms=("small", "duty_complete"), seeds=1)
    of_run = {f"run_{name}": partial(draw, result) for name, draw in OF_RUN.items()}
    of_arms = {f"comparison_{name}": draw for name, draw in of_comparison(arms).items()}
    of_one_seed = {
        "one_seed_differences": partial(differences, single),
        "one_seed_trade_off": partial(trade_off, single),
    }
    of_sweep = {f"sweep_{name}": partial(draw, found) for name, draw in OF_SWEEP.items()}
    of_stories = {
        "story_alone": lambda: timeline(*told("jigsaw")),
        "story_beside": lambda: timeline(*told("lost", beside=True)),
    }
    return {**of_run, **of_arms, **of_one_seed, **of_sweep, **of_stories}


def small(figure: Figure, path: Path) -> None:
    """Save `figure` as a picture of 384 by 240 dots."""
    with style.styled():
        figure.savefig(path, dpi=_DOTS, metadata={"Software": None}, pil_kwargs={"optimize": True})


def main() -> None:
    """Draw all of them, and remove pictures of figures that are no more."""
    FOLDER.mkdir(exist_ok=True)
    drawn = figures()
    for old in FOLDER.glob("*.png"):
        if old.stem not in drawn:
            old.unlink()
    for name, draw in drawn.items():
        small(draw(), FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
