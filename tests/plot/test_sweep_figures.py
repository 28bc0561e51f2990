"""The figures of a sweep show what its tables say."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from tests.plot.found import OUTCOMES, analysis
from tests.plot.words import words
from tests.study.analysis.studies import arm, study

from cpsim.plot import OF_SWEEP, style
from cpsim.plot.figures import save_sweep_figures
from cpsim.results.analysis import Analysis
from cpsim.study.analysis.findings import findings
from cpsim.study.definition import LatinHypercube


@pytest.fixture(scope="module")
def found() -> Analysis:
    return analysis()


def of(tables: Mapping[str, pd.DataFrame]) -> Analysis:
    return Analysis("duty", OUTCOMES, tables)


@pytest.mark.parametrize("name", OF_SWEEP)
def test_each_figure_asks_a_question_and_says_that_its_children_are_invented(
    found: Analysis, name: str
) -> None:
    text = words(OF_SWEEP[name](found))
    assert text.splitlines()[0].endswith("?")
    assert "no real child and no real council" in text


def test_differences_stand_where_the_table_says(found: Analysis) -> None:
    figure = OF_SWEEP["differences"](of(found.tables))
    for axes, outcome in zip(figure.axes, OUTCOMES, strict=True):
        table = found.tables["differences"]
        expected = table[table["outcome"] == outcome]["difference"].tolist()
        dots = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]
        assert dots == pytest.approx(expected)


def test_what_is_not_shown_is_hollow(found: Analysis) -> None:
    figure = OF_SWEEP["differences"](of(found.tables))
    table = found.tables["differences"].set_index(["outcome", "arm"])
    for axes, outcome in zip(figure.axes, OUTCOMES, strict=True):
        faces = [line.get_markerfacecolor() for line in axes.lines if line.get_marker() == "o"]
        shown = [table.loc[(outcome, arm), "verdict"] != "no difference shown" for arm in ("asked", "bound")]
        assert [face != style.PAPER for face in faces] == shown


def test_an_arm_that_changes_nothing_has_no_spread_to_draw(found: Analysis) -> None:
    table = found.tables["seeds"].copy()
    table.loc[table["outcome"] == OUTCOMES[0], ["sd", "sd_low", "sd_high", "half_width_now"]] = 0.0
    same, differing, _ = OF_SWEEP["seeds"](of({"seeds": table})).axes
    assert [text.get_text() for text in same.texts] == ["the same with every seed"]
    assert not differing.texts
    drawn = [[len(line.get_xdata()) > 0 for line in axes.lines] for axes in (same, differing)]
    assert not any(drawn[0])
    assert any(drawn[1])


@pytest.mark.parametrize("many", [1, 5])
def test_the_front_promises_intervals_only_where_it_draws_them(found: Analysis, many: int) -> None:
    table = pd.concat([found.tables["pareto"]] * many)
    figure = OF_SWEEP["pareto"](of({"pareto": table}))
    drawn = len(figure.axes[0].collections) > 0
    assert ("Lines:" in words(figure)) == drawn == (many == 1)


def test_only_figures_with_tables_are_drawn_and_equal_tables_give_equal_bytes(
    found: Analysis, tmp_path: Path
) -> None:
    tables = {"effects": found.tables["effects"]}
    (tmp_path / "again").mkdir()
    for folder in (tmp_path, tmp_path / "again"):
        assert save_sweep_figures(of(tables), folder) == ["effects"]
    assert (tmp_path / "effects.png").read_bytes() == (tmp_path / "again" / "effects.png").read_bytes()


def test_without_an_outcome_to_show_nothing_is_drawn(found: Analysis, tmp_path: Path) -> None:
    assert save_sweep_figures(Analysis("duty", (), found.tables), tmp_path) == []


def test_a_search_that_leaves_no_limit_is_drawn_as_all_of_the_space() -> None:
    alike = findings(
        study(LatinHypercube(kind="latin_hypercube", points=24), arms={"old": arm(1), "new": arm(2)})
    )
    assert not alike.tables["conditions"]["shown"].any()
    open_box = alike.tables["conditions"].drop_duplicates(["arm", "outcome"]).assign(setting=None)
    text = words(OF_SWEEP["conditions"](of(alike.tables | {"conditions": open_box})))
    assert "chance explains every limit" in text
