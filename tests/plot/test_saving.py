"""Figures can be saved, put into pages and shown in notebooks, reproducibly and without side effects."""

import re
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.image import imread
from tests.plot.figure_text import read_figure_text
from tests.results.synthetic import run_result
from tests.results.synthetic_comparison import comparison

import cpsim
from cpsim import plot
from cpsim.plot import style
from cpsim.plot.saving import save_both
from cpsim.present.page_figures import embed_figure
from cpsim.results import RunResult


@pytest.fixture(scope="module")
def result() -> RunResult:
    return run_result(years=1, spells=300)


def test_every_public_name_is_a_function_and_not_a_module() -> None:
    assert cpsim.plot is plot
    for name in plot.__all__:
        assert callable(getattr(plot, name)) or name.isupper()
    assert {*plot.RUN_FIGURES, *plot.COMPARISON_FIGURES, *plot.ARM_FIGURES} <= set(plot.__all__)


def test_every_public_function_has_a_docstring() -> None:
    for name in plot.__all__:
        assert name.isupper() or getattr(plot, name).__doc__


def test_a_figure_in_a_page_is_one_element_with_a_label_for_screen_readers(result: RunResult) -> None:
    text = plot.to_svg(plot.cascade(result))
    assert text.startswith("<svg ")
    assert text.endswith("</svg>")
    assert text.count("<svg") == 1
    label = re.search(r'role="img" aria-label="([^"]*)"', text)
    assert label is not None
    assert label[1].startswith("At which stage was harm missed?")
    for unwanted in ("<style", "<metadata", "<!--", "<?xml", "<!DOCTYPE", "\n<title"):
        assert unwanted not in text


def test_no_two_figures_of_a_page_share_an_id(result: RunResult) -> None:
    figures = [plot.cascade(result), plot.funnel(result), plot.incidence(result), plot.network(result)]
    texts = [plot.to_svg(figure) for figure in figures]
    names = [set(re.findall(r'\bid="([^"]*)"', text)) for text in texts]
    assert all(len(own) > 10 for own in names)
    assert len(set().union(*names)) == sum(map(len, names))
    for text, own in zip(texts, names, strict=True):
        assert set(re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', text)) <= {
            (a, b) for a in [*own, ""] for b in [*own, ""]
        }


def test_the_same_figure_gives_the_same_text(result: RunResult) -> None:
    assert plot.to_svg(plot.weeks(result)) == plot.to_svg(plot.weeks(run_result(years=1, spells=300)))


def test_markup_in_a_name_is_escaped() -> None:
    odd = "<script>\"&' \\1 \\g<0>"
    text = plot.to_svg(plot.flow(comparison(arms=("small", odd), seeds=1)))
    assert "<script>" not in text
    shown = plot.to_svg(plot.differences(comparison(arms=(odd, "again"), seeds=1)))
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize(
    "name", sorted({*plot.RUN_FIGURES} - {"network"})
)  # the network is left out, because its colours of trust include a near-grey
def test_a_page_in_dark_mode_can_replace_every_grey(result: RunResult, name: str) -> None:
    known = {style.INK, style.QUIET, style.FAINT, style.PAPER}
    greys = {
        colour
        for colour in re.findall(r"#[0-9a-f]{6}\b", plot.to_svg(plot.RUN_FIGURES[name](result)))
        if max(int(colour[i : i + 2], 16) for i in (1, 3, 5))
        - min(int(colour[i : i + 2], 16) for i in (1, 3, 5))
        < 12
    }
    assert greys <= known


def test_a_notebook_shows_a_figure_at_double_resolution_without_pyplot(result: RunResult) -> None:
    content, size = plot.cascade(result)._repr_png_()  # type: ignore[attr-defined]
    height, width, _ = imread(BytesIO(content)).shape
    assert (width, height) == (2 * size["width"], 2 * size["height"])


def test_saving_does_not_use_the_matplotlib_settings_of_the_user(result: RunResult, tmp_path: Path) -> None:
    figure = plot.funnel(result)
    plot.save(figure, tmp_path / "plain.svg")
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "mine", "savefig.dpi": 20}):
        before = dict(mpl.rcParams)
        plot.save(figure, str(tmp_path / "odd.svg"))
        assert dict(mpl.rcParams) == before
    assert (tmp_path / "plain.svg").read_bytes() == (tmp_path / "odd.svg").read_bytes()


def test_a_page_shows_the_saved_drawing_without_its_title(
    result: RunResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = save_both(plot.cascade(result), tmp_path, "cascade")
    saved = (tmp_path / "cascade.svg").read_text("utf-8")
    monkeypatch.setattr(drawn.figure, "savefig", None)
    shown = str(embed_figure(drawn, "Title", "What it shows.", "Caption.").svg)
    assert imread(tmp_path / "cascade.png").any()
    assert saved.count('<g id="title">') == 1
    assert 'title">' not in shown
    assert set(re.findall(r'href="#(?:f\w+-)?([^"]+)"', shown)) <= set(
        re.findall(r'id="(?:f\w+-)?([^"]+)"', shown)
    ), "the title must not take glyphs with it that other texts use"
    assert shown.count("<use ") < saved.count("<use ")


def test_a_figure_in_a_page_is_much_shorter_and_has_every_letter_but_those_of_its_title(
    result: RunResult,
) -> None:
    element = plot.to_svg(plot.funnel(result))
    shown = str(embed_figure(plot.funnel(result), "Title", "What it shows.", "Caption.").svg)
    assert len(shown) < 0.6 * len(element)
    assert element.count("<use ") - shown.count("<use ") == len("How far does a concern get?")
    assert set(re.findall(r' href="#([^"]+)"', shown)) <= set(re.findall(r' id="([^"]+)"', shown))


def test_an_unsupported_suffix_is_refused(result: RunResult, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="docx"):
        plot.save(plot.funnel(result), tmp_path / "figure.docx")


@pytest.mark.parametrize(
    ("name", "formatted"),
    [
        ("costs $5", "costs $5"),
        ("two\nlines\tand tabs", "two lines and tabs"),
        ("x" * 80, "x" * 59 + "…"),
        ("many words " * 20, "many words " * 5 + "…"),
    ],
)
def test_names_are_shortened_and_put_on_one_line(name: str, formatted: str) -> None:
    assert style.format_name(name) == formatted


def test_the_label_of_a_figure_is_its_title_and_subtitle(result: RunResult) -> None:
    figure = plot.incidence(result)
    label = str(figure.get_label())
    title, subtitle, *_ = read_figure_text(figure).split("\n")
    assert label.startswith(f"{title} {subtitle}")
