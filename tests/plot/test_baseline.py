"""Figures match their reference images."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.testing.compare import compare_images
from tests.plot.baseline import FOLDER, list_figures, save_small

TOLERANCE = 1.0
"""Root mean square difference of the dots, 0 to 255; other builds of the font library stay below it."""

list_figures_once = cache(list_figures)


def matches_baseline(figure: Figure, name: str, folder: Path) -> bool:
    path = folder / f"{name}.png"
    save_small(figure, path)
    return compare_images(str(FOLDER / f"{name}.png"), str(path), TOLERANCE) is None


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.png")))
def test_a_figure_matches_its_reference_image(name: str, tmp_path: Path) -> None:
    assert matches_baseline(list_figures_once()[name](), name, tmp_path), (
        "after an intended change, redraw the images: python -m tests.plot.baseline"
    )


def test_every_figure_has_a_reference_image() -> None:
    assert {path.stem for path in FOLDER.glob("*.png")} == set(list_figures_once())


def move_bar(figure: Figure) -> None:
    figure.axes[0].patches[3].set_x(figure.axes[0].patches[3].get_x() * 0.97)  # type: ignore[attr-defined]


def move_dot(figure: Figure) -> None:
    dot = next(line for line in figure.axes[0].lines if line.get_marker() == "o")
    dot.set_xdata([dot.get_xdata()[0] - 0.05])  # type: ignore[index]


def hide_label(figure: Figure) -> None:
    figure.axes[0].texts[2].set_visible(False)


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("run_cascade", move_bar),
        ("comparison_answer_1", move_dot),
        ("comparison_flow_1", hide_label),
    ],
)
def test_a_moved_bar_or_a_missing_label_is_detected(
    name: str, spoil: Callable[[Figure], None], tmp_path: Path
) -> None:
    figure = list_figures_once()[name]()
    assert matches_baseline(figure, name, tmp_path)
    spoil(figure)
    assert not matches_baseline(figure, name, tmp_path)
