"""The figures of a run show the values of its tables and are reproducible."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from tests.plot.figure_text import read_figure_text
from tests.results.synthetic import run_result

from cpsim.constants import WEEKS_PER_YEAR
from cpsim.plot import RUN_FIGURES, cascade, funnel, network, places, save, style, weeks
from cpsim.plot.figures import list_run_figures, save_figures
from cpsim.plot.run_network import TIES
from cpsim.results import STOPS, RunResult

Changed = Callable[..., RunResult]


@pytest.fixture(scope="module")
def result() -> RunResult:
    return run_result(years=2, spells=1000)


@pytest.fixture(scope="module")
def changed(result: RunResult) -> Changed:
    return lambda **parts: RunResult(**{**vars(result), **parts})


@pytest.mark.parametrize("name", RUN_FIGURES)
def test_each_figure_has_a_question_and_the_caution_about_synthetic_children(
    result: RunResult, name: str
) -> None:
    text = read_figure_text(RUN_FIGURES[name](result))
    assert text.splitlines()[0].endswith("?")
    assert "no predictions about any real child or council" in text


def test_the_cascade_shows_every_missed_spell_where_its_chain_stopped(result: RunResult) -> None:
    followed = result.spells[result.spells["result_13w"] != "censored"]
    (axes,) = cascade(result).axes
    bars = [bar.get_width() for bar in axes.patches]
    all_spells, ended, *stops, protected = bars
    assert all_spells == len(followed)
    assert stops == [int((followed["stopped_at"] == code).sum()) for code in STOPS]
    assert sum(stops) == (followed["result_13w"] == "missed").sum()
    assert all_spells - ended - sum(stops) == protected == (followed["result_13w"] == "protected").sum()


def test_each_bar_of_the_cascade_starts_where_the_one_above_ends(result: RunResult) -> None:
    (axes,) = cascade(result).axes
    drops = axes.patches[1:-1]
    for above, below in pairwise(drops):
        assert below.get_x() + below.get_width() == above.get_x()


def test_the_cascade_labels_all_ten_stops(result: RunResult) -> None:
    text = read_figure_text(cascade(result))
    assert all(name in text for name in STOPS.values())


def test_the_funnel_counts_per_10_000_children_a_year(result: RunResult) -> None:
    (axes,) = funnel(result).axes
    evaluated = result.weekly[result.weekly["phase"] == "evaluated"]
    years = evaluated["children"].sum() / WEEKS_PER_YEAR
    assert axes.patches[0].get_width() == pytest.approx(10_000 * evaluated["contacts"].sum() / years)
    assert axes.patches[6].get_width() == pytest.approx(10_000 * evaluated["plans_started"].sum() / years)


def test_the_funnel_shows_families_with_neither_with_its_steps(result: RunResult) -> None:
    text = read_figure_text(funnel(result))
    assert "28% of referrals concern a child in significant harm" in text
    assert "38 per 100 contacts" in text
    assert "72 per 100 referrals" in text


def test_the_weeks_show_misses_with_assessments_and_workload(result: RunResult) -> None:
    titles = [axes.get_title(loc="left") for axes in weeks(result).axes]
    for word in ("Missed risks", "Assessed with neither", "Referrals", "Caseload", "Hours demanded", "Trust"):
        assert any(title.startswith(word) for title in titles), word


def test_the_weeks_show_only_evaluated_weeks_and_start_at_zero(result: RunResult) -> None:
    evaluated = result.weekly[result.weekly["phase"] == "evaluated"]
    for axes in weeks(result).axes:
        assert len(axes.lines[0].get_xdata()) == len(evaluated)
        assert axes.get_ylim()[0] == 0


def test_missed_risks_start_in_the_week_of_the_first_deadline(result: RunResult) -> None:
    misses, *others = weeks(result).axes
    first = result.weekly.loc[result.weekly["week"] == 13, "date"].to_numpy()[0]
    dates, spells = (np.asarray(each) for each in misses.lines[0].get_data())
    assert dates[~np.isnan(spells)][0] == first
    assert not any(np.isnan(np.asarray(axes.lines[0].get_ydata())).any() for axes in others)


def test_a_change_of_policy_is_marked_in_every_panel(result: RunResult, changed: Changed) -> None:
    quiet = changed(scenario=result.scenario | {"timeline": []})
    assert "a change of policy" in read_figure_text(weeks(result))
    assert "a change of policy" not in read_figure_text(weeks(quiet))
    for marked, unmarked in zip(weeks(result).axes, weeks(quiet).axes, strict=True):
        assert len(marked.lines) == len(unmarked.lines) + 1


def test_the_network_draws_every_organisation_and_every_tie_that_was_used(result: RunResult) -> None:
    axes = network(result).axes[0]
    lines = [each for each in axes.collections if each.get_label() == TIES]
    assert sum(len(each.get_paths()) for each in lines) == (result.ties["uses"] > 0).sum()
    points = [len(each.get_offsets()) for each in axes.collections if each.get_label() != TIES]
    assert sum(points) == len(result.agencies) + 1


def test_a_busier_tie_is_wider_and_trust_is_its_colour(result: RunResult) -> None:
    axes = network(result).axes[0]
    _, referrals = (each for each in axes.collections if each.get_label() == TIES)
    widths = np.asarray(referrals.get_linewidths())
    assert (np.diff(widths) >= 0).all()
    used = result.ties[(result.ties["uses"] > 0) & (result.ties["role"] == "referral")]
    assert sorted(np.asarray(referrals.get_array())) == sorted(used["trust"])


def test_no_two_organisations_overlap(result: RunResult) -> None:
    axes = network(result).axes[0]
    points = [each.get_offsets() for each in axes.collections if each.get_label() != TIES]
    positions = np.vstack([np.asarray(each) for each in points])
    apart = np.linalg.norm(positions[:, None] - positions[None, :], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert apart.min() > 0.01


def test_a_kind_of_agency_added_by_a_scenario_has_its_own_name(result: RunResult, changed: Changed) -> None:
    kinds = result.agencies["kind"].astype(str).where(result.agencies["kind"] != "police", "youth_justice")
    assert "Youth justice: 3" in read_figure_text(
        network(changed(agencies=result.agencies.assign(kind=kinds)))
    )


@pytest.mark.parametrize("name", RUN_FIGURES)
def test_a_run_without_any_events_can_be_drawn(
    result: RunResult, changed: Changed, name: str, tmp_path: Path
) -> None:
    counts = result.weekly.select_dtypes("int32").columns.difference(["week", "children"])
    blank: dict[str, float | None] = dict.fromkeys(result.summary)
    nothing = changed(
        spells=result.spells.iloc[:0],
        ties=result.ties.assign(uses=0),
        weekly=result.weekly.assign(**dict.fromkeys(counts, 0), caseload_mean=np.nan, utilisation=0.0),
        summary=blank,
    )
    save(RUN_FIGURES[name](nothing), tmp_path / f"{name}.png")


def test_dollar_signs_in_a_name_are_not_read_as_mathematics(
    result: RunResult, changed: Changed, tmp_path: Path
) -> None:
    odd = changed(scenario=result.scenario | {"name": "costs $5 and $6 " + "x" * 300})
    figure = cascade(odd)
    save(figure, tmp_path / "odd.svg")
    assert "costs $5 and $6 …" in read_figure_text(figure)


def test_equal_runs_give_identical_files(result: RunResult, tmp_path: Path) -> None:
    save_figures(result, tmp_path / "one")
    save_figures(run_result(years=2, spells=1000), tmp_path / "two")
    names = {path.name for path in (tmp_path / "one").iterdir()}
    assert names == {f"{name}.{ending}" for name in list_run_figures(result) for ending in ("png", "svg")}
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_matplotlib_settings_of_the_user_are_neither_used_nor_changed(
    result: RunResult, tmp_path: Path
) -> None:
    with mpl.rc_context({"font.size": 40, "savefig.dpi": 20, "axes.facecolor": "black"}):
        before = dict(mpl.rcParams)
        save_figures(result, tmp_path / "odd")
        assert dict(mpl.rcParams) == before
    save_figures(result, tmp_path / "plain")
    assert (tmp_path / "odd" / "weeks.png").read_bytes() == (tmp_path / "plain" / "weeks.png").read_bytes()


def test_the_map_has_a_square_for_each_authority_in_the_block_of_its_region(
    changed: Changed, result: RunResult
) -> None:
    rates = [0.2, 0.8, None, 0.5]
    table = result.authorities[result.authorities["year"] == 1].iloc[[0] * 4].reset_index(drop=True)
    table = table.assign(
        authority=range(4),
        name=[f"place {row}" for row in range(4)],
        spells=[10 if rate is not None else 0 for rate in rates],
        missed=[round(10 * (rate or 0)) for rate in rates],
        censored=0,
    )
    regions = [
        {"name": "North", "count": 3, "map_column": 1, "map_row": 0},
        {"name": "South", "count": 1, "map_column": 0, "map_row": 1},
    ]
    figure = places(
        changed(authorities=table, scenario={**result.scenario, "authorities": {"regions": regions}})
    )
    north, south = (squares for squares in figure.axes[0].collections)
    assert [len(squares.get_paths()) for squares in (north, south)] == [3, 1]
    corner_north, corner_south = (squares.get_paths()[0].vertices[0] for squares in (north, south))
    assert corner_north[0] > corner_south[0], "the column"
    assert corner_north[1] > corner_south[1], "the row"
    low, high, missing = north.get_facecolor()
    assert sum(low) > sum(south.get_facecolor()[0]) > sum(high), "the darker, the more is missed"
    assert missing.tolist() == mpl.colors.to_rgba_array(style.FAINT)[0].tolist()
    names = [text.get_text() for text in figure.axes[0].texts]
    assert names == ["North", "South"]
    assert RUN_FIGURES.keys() - list_run_figures(result).keys() == {"places"}, "one authority has no map"
