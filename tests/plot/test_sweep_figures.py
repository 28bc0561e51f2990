"""The figures of a sweep show the values of its tables."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from tests.analysis.studies import arm, study
from tests.plot.figure_text import read_figure_text
from tests.plot.sweep_analysis import OUTCOMES, build_analysis

from cpsim.analysis.findings import collect_findings
from cpsim.experiment.definition import LatinHypercube
from cpsim.plot import SWEEP_FIGURES, style
from cpsim.plot.figures import save_sweep_figures
from cpsim.results.analysis import Analysis


@pytest.fixture(scope="module")
def found() -> Analysis:
    return build_analysis()


def create_analysis(tables: Mapping[str, pd.DataFrame]) -> Analysis:
    return Analysis("duty", OUTCOMES, tables)


@pytest.mark.parametrize("name", SWEEP_FIGURES)
def test_each_figure_has_a_question_and_the_caution_about_synthetic_children(
    found: Analysis, name: str
) -> None:
    text = read_figure_text(SWEEP_FIGURES[name](found))
    assert text.splitlines()[0].endswith("?")
    assert "no predictions about any real child or council" in text


def test_differences_are_drawn_at_their_values(found: Analysis) -> None:
    figure = SWEEP_FIGURES["differences"](create_analysis(found.tables))
    for axes, outcome in zip(figure.axes, OUTCOMES, strict=True):
        table = found.tables["differences"]
        expected = table[table["outcome"] == outcome]["difference"].tolist()
        dots = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
        assert dots == pytest.approx(expected)


def test_a_difference_that_is_not_shown_is_hollow(found: Analysis) -> None:
    figure = SWEEP_FIGURES["differences"](create_analysis(found.tables))
    table = found.tables["differences"].set_index(["outcome", "arm"])
    for axes, outcome in zip(figure.axes, OUTCOMES, strict=True):
        faces = [line.get_markerfacecolor() for line in axes.lines if line.get_marker() == "o"]
        shown = [table.loc[(outcome, arm), "verdict"] != "no difference shown" for arm in ("asked", "bound")]
        assert [face != style.PAPER for face in faces] == shown


def test_an_outcome_that_does_not_vary_between_seeds_has_no_curve(found: Analysis) -> None:
    table = found.tables["seeds"].copy()
    table.loc[table["outcome"] == OUTCOMES[0], ["sd", "sd_low", "sd_high", "half_width_now"]] = 0.0
    same, differing, _ = SWEEP_FIGURES["seeds"](create_analysis({"seeds": table})).axes
    assert [text.get_text() for text in same.texts] == ["no difference between seeds"]
    assert not differing.texts
    drawn = [[len(line.get_xdata()) > 0 for line in axes.lines] for axes in (same, differing)]
    assert not any(drawn[0])
    assert any(drawn[1])


@pytest.mark.parametrize("many", [1, 5])
def test_the_pareto_front_mentions_intervals_only_if_it_draws_them(found: Analysis, many: int) -> None:
    table = pd.concat([found.tables["pareto"]] * many)
    figure = SWEEP_FIGURES["pareto"](create_analysis({"pareto": table}))
    drawn = len(figure.axes[0].collections) > 0
    assert ("Lines:" in read_figure_text(figure)) == drawn == (many == 1)


def test_only_figures_with_tables_are_saved_and_equal_tables_give_identical_files(
    found: Analysis, tmp_path: Path
) -> None:
    tables = {"effects": found.tables["effects"]}
    (tmp_path / "again").mkdir()
    for folder in (tmp_path, tmp_path / "again"):
        assert save_sweep_figures(create_analysis(tables), folder) == ["effects"]
    assert (tmp_path / "effects.png").read_bytes() == (tmp_path / "again" / "effects.png").read_bytes()


def test_without_outcomes_no_figure_is_saved(found: Analysis, tmp_path: Path) -> None:
    assert save_sweep_figures(Analysis("duty", (), found.tables), tmp_path) == []


def test_a_box_without_limits_is_shown_as_the_whole_space() -> None:
    alike = collect_findings(
        study(LatinHypercube(kind="latin_hypercube", points=24), arms={"old": arm(1), "new": arm(2)})
    )
    assert not alike.tables["conditions"]["shown"].any()
    open_box = alike.tables["conditions"].drop_duplicates(["arm", "outcome"]).assign(setting=None)
    text = read_figure_text(
        SWEEP_FIGURES["conditions"](create_analysis(alike.tables | {"conditions": open_box}))
    )
    assert "chance explains every limit" in text
