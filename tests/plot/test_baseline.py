"""The figures look as they did when somebody last looked at them."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.testing.compare import compare_images
from tests.plot.baseline import FOLDER, figures, small

TOLERANCE = 1.0
"""Root mean square over the dots, of 255; letters that another build of the library smooths otherwise stay below."""

drawn = cache(figures)


def looks_like_its_picture(figure: Figure, name: str, folder: Path) -> bool:
    path = folder / f"{name}.png"
    small(figure, path)
    return compare_images(str(FOLDER / f"{name}.png"), str(path), TOLERANCE) is None


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.png")))
def test_a_figure_looks_as_it_did(name: str, tmp_path: Path) -> None:
    assert looks_like_its_picture(drawn()[name](), name, tmp_path), "see tests/plot/baseline.py"


def test_every_figure_has_a_picture() -> None:
    assert {path.stem for path in FOLDER.glob("*.png")} == set(drawn())


def moved_threshold(figure: Figure) -> None:
    figure.axes[0].patches[3].set_x(figure.axes[0].patches[3].get_x() * 0.97)  # type: ignore[attr-defined]


def other_dot(figure: Figure) -> None:
    dot = next(line for line in figure.axes[0].lines if line.get_marker() == "o")
    dot.set_xdata([dot.get_xdata()[0] + 0.02])  # type: ignore[index]


def gone_label(figure: Figure) -> None:
    figure.axes[0].texts[2].set_visible(False)


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("run_lost_where", moved_threshold),
        ("comparison_differences", other_dot),
        ("comparison_flow_1", gone_label),
    ],
)
def test_a_bar_that_moves_or_a_label_that_goes_is_noticed(
    name: str, spoil: Callable[[Figure], None], tmp_path: Path
) -> None:
    figure = drawn()[name]()
    assert looks_like_its_picture(figure, name, tmp_path)
    spoil(figure)
    assert not looks_like_its_picture(figure, name, tmp_path)
