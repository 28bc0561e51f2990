"""Figures as files, in the middle of a page and in a notebook: alike each time, and in nobody's way."""

import re
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.image import imread
from tests.plot.words import words
from tests.results.synthetic import run_result
from tests.results.synthetic_comparison import comparison

import cpsim
from cpsim import plot
from cpsim.plot import style
from cpsim.results import RunResult


@pytest.fixture(scope="module")
def result() -> RunResult:
    return run_result(years=1, spells=300)


def test_all_that_is_offered_is_there_and_no_module_stands_in_its_place() -> None:
    assert cpsim.plot is plot
    for name in plot.__all__:
        assert callable(getattr(plot, name)) or name.startswith("OF_")
    assert {*plot.OF_RUN, *plot.OF_ARMS, *plot.OF_ARM} <= set(plot.__all__)


def test_every_figure_says_what_it_shows_in_its_description() -> None:
    for name in plot.__all__:
        assert name.startswith("OF_") or getattr(plot, name).__doc__


def test_a_figure_in_a_page_is_one_element_with_words_for_those_who_hear_it(result: RunResult) -> None:
    text = plot.svg(plot.lost_where(result))
    assert text.startswith("<svg ")
    assert text.endswith("</svg>")
    assert text.count("<svg") == 1
    label = re.search(r'role="img" aria-label="([^"]*)"', text)
    assert label is not None
    assert label[1].startswith("Where were the risks lost?")
    for out_of_place in ("<style", "<metadata", "<!--", "<?xml", "<!DOCTYPE", "\n<title"):
        assert out_of_place not in text


def test_no_two_figures_of_a_page_share_a_name(result: RunResult) -> None:
    figures = [plot.lost_where(result), plot.funnel(result), plot.incidence(result), plot.network(result)]
    texts = [plot.svg(figure) for figure in figures]
    names = [set(re.findall(r'\bid="([^"]*)"', text)) for text in texts]
    assert all(len(own) > 10 for own in names)
    assert len(set().union(*names)) == sum(map(len, names))
    for text, own in zip(texts, names, strict=True):
        assert set(re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', text)) <= {
            (a, b) for a in [*own, ""] for b in [*own, ""]
        }


def test_the_same_figure_gives_the_same_text(result: RunResult) -> None:
    assert plot.svg(plot.weeks(result)) == plot.svg(plot.weeks(run_result(years=1, spells=300)))


def test_a_name_with_signs_of_a_page_stays_a_name() -> None:
    odd = "<script>\"&' \\1 \\g<0>"
    text = plot.svg(plot.flow(comparison(arms=("small", odd), seeds=1)))
    assert "<script>" not in text
    shown = plot.svg(plot.differences(comparison(arms=(odd, "again"), seeds=1)))
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize(
    "name", sorted({*plot.OF_RUN} - {"network"})
)  # where trust has colours between two others
def test_a_page_in_the_dark_finds_no_grey_that_it_does_not_know(result: RunResult, name: str) -> None:
    known = {style.INK, style.QUIET, style.FAINT, style.PAPER}
    greys = {
        colour
        for colour in re.findall(r"#[0-9a-f]{6}\b", plot.svg(plot.OF_RUN[name](result)))
        if max(int(colour[i : i + 2], 16) for i in (1, 3, 5))
        - min(int(colour[i : i + 2], 16) for i in (1, 3, 5))
        < 12
    }
    assert greys <= known


def test_a_notebook_shows_a_figure_sharply_though_nobody_imported_pyplot(result: RunResult) -> None:
    content, size = plot.lost_where(result)._repr_png_()  # type: ignore[attr-defined]
    height, width, _ = imread(BytesIO(content)).shape
    assert (width, height) == (2 * size["width"], 2 * size["height"])


def test_saving_uses_none_of_the_users_own_settings(result: RunResult, tmp_path: Path) -> None:
    figure = plot.funnel(result)
    plot.save(figure, tmp_path / "plain.svg")
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "mine", "savefig.dpi": 20}):
        before = dict(mpl.rcParams)
        plot.save(figure, str(tmp_path / "odd.svg"))
        assert dict(mpl.rcParams) == before
    assert (tmp_path / "plain.svg").read_bytes() == (tmp_path / "odd.svg").read_bytes()


def test_an_ending_that_is_no_picture_is_refused(result: RunResult, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="docx"):
        plot.save(plot.funnel(result), tmp_path / "figure.docx")


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("costs $5", r"costs \$5"),
        ("two\nlines\tand tabs", "two lines and tabs"),
        ("x" * 80, "x" * 59 + "…"),
        ("many words " * 20, "many words " * 5 + "…"),
    ],
)
def test_names_are_short_and_on_one_line(name: str, short: str) -> None:
    assert style.plain(name) == short


def test_what_a_label_says_is_what_is_written(result: RunResult) -> None:
    figure = plot.incidence(result)
    label = str(figure.get_label())
    title, subtitle, *_ = words(figure).split("\n")
    assert label.startswith(f"{title} {subtitle}")
