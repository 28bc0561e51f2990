"""Figures are registered once, are found by their modules, and are shown in every place that lists figures."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from matplotlib.figure import Figure

from cpsim import plot
from cpsim.analysis.sections import SECTIONS
from cpsim.plot.registry import FIGURES, Exhibit, figure, list_figures

EXHIBIT = Exhibit(describe=str, create_table=None, caption="A caption.")


@pytest.fixture(autouse=True)
def _registry_as_before() -> Iterator[None]:
    before = dict(FIGURES)
    yield
    FIGURES.clear()
    FIGURES.update(before)


def draw(name: str) -> Callable[[object], Figure]:
    def drawn(result: object) -> Figure:
        return Figure()

    drawn.__name__ = name
    return drawn


@pytest.mark.parametrize(("of", "name"), [("run", "cascade"), ("comparison", "flow"), ("sweep", "cascade")])
def test_a_figure_that_is_registered_twice_is_refused_with_both_modules(of: str, name: str) -> None:
    with pytest.raises(
        ValueError, match=rf"the figure '{name}' is registered twice, in cpsim\.plot\.\w+ and in"
    ):
        figure(of=of, question="Again?", exhibit=EXHIBIT)(draw(name))  # type: ignore[arg-type]


def test_a_figure_of_a_sweep_may_have_the_file_name_of_a_figure_of_a_comparison() -> None:
    assert {"differences"} <= set(plot.SWEEP_FIGURES) & set(plot.COMPARISON_FIGURES)


@pytest.mark.parametrize("of", ["run", "comparison", "arm"])
def test_a_figure_of_a_report_without_an_exhibit_is_refused(of: str) -> None:
    with pytest.raises(
        ValueError,
        match=r"the figure 'without_exhibit' .* has no exhibit, which the report needs; add exhibit=",
    ):
        figure(of=of, question="How often?")(draw("without_exhibit"))  # type: ignore[arg-type]


def test_a_new_figure_comes_last_and_earlier_figures_keep_their_order() -> None:
    before = [each.name for each in list_figures("run")]
    figure(of="run", question="How often?", exhibit=EXHIBIT)(draw("a_visit"))
    names = [each.name for each in list_figures("run")]
    assert [name for name in names if name != "a_visit"] == before
    assert names[-1] == "a_visit", "it has no place of its own, so it comes after those that have"


def test_every_figure_has_a_question_and_those_of_reports_a_caption() -> None:
    for each in FIGURES.values():
        assert each.question.endswith("?"), each.name
        if each.exhibit is not None:
            assert each.exhibit.caption.endswith("."), each.name
            assert each.of == "arm" or each.exhibit.title, each.name


def test_every_figure_of_a_sweep_belongs_to_a_section_of_its_report() -> None:
    sections = {section.table for section in SECTIONS}
    lost = [each.name for each in list_figures("sweep") if each.section not in sections]
    assert not lost, "the report of a sweep would not show these figures"


def test_every_registered_function_is_a_public_name_of_the_package() -> None:
    for each in FIGURES.values():
        assert getattr(plot, each.draw.__name__) is each.draw, each.name
        assert each.draw.__name__ in plot.__all__, each.name


def test_the_command_line_does_not_load_matplotlib_before_a_figure_is_drawn() -> None:
    code = "import sys, cpsim, cpsim.cli; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0, "starting would be slow"
