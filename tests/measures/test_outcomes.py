"""Outcomes are registered once, with everything that a reader needs, and computed in the order of the summary."""

from collections.abc import Callable, Iterator

import pytest
from tests.model.authority import run_scenario, scenario

from cpsim.experiment.outcomes import list_outcomes
from cpsim.measures.outcomes import (
    OUTCOMES,
    Columns,
    group_by_heading,
    list_first_headlines,
    list_headlines,
    outcome,
    sign_of_worse,
)
from cpsim.measures.outcomes.registry import HEADINGS, SHARE
from cpsim.present.run_terminal import format_run
from cpsim.results.comparison_tables import COMPARISON_TABLES, HEADLINES

Register = Callable[..., None]


@pytest.fixture
def register() -> Iterator[Register]:
    """Registers an outcome called `late_share` and forgets it afterwards."""

    def add(**details: object) -> None:
        @outcome(unit=SHARE, label="Late", meaning="Spells that were late.", **details)  # type: ignore[arg-type]
        def late_share(run: Columns) -> float:
            return len(run.spells) / max(len(run.spells), 1)

    yield add
    OUTCOMES.pop("late_share", None)


def test_an_outcome_that_is_registered_twice_is_refused_with_both_places(register: Register) -> None:
    register()
    with pytest.raises(
        ValueError, match=r"'late_share' is registered twice, in .*test_outcomes and in .*; rename"
    ):
        register()
    assert list(OUTCOMES).count("late_share") == 1


def test_an_outcome_with_the_name_of_one_in_the_model_is_refused() -> None:
    def missed_risk_rate(run: Columns) -> float:
        return float(len(run.spells))

    with pytest.raises(ValueError, match=r"registered twice, in cpsim\.measures\.outcomes\.harm and in"):
        outcome(unit=SHARE, label="Missed", meaning="Missed spells.")(missed_risk_rate)


def test_a_headline_outcome_needs_a_heading(register: Register) -> None:
    with pytest.raises(ValueError, match="'late_share' has no heading; choose one of: Missed risk, Harm"):
        register(headline=True)
    assert "late_share" not in OUTCOMES, "a refused outcome is not registered"


def test_a_new_outcome_is_computed_and_shown_without_another_line_of_code(register: Register) -> None:
    register(heading="Missed risk", better="lower")
    result = run_scenario(scenario(), seed=1)
    assert result.summary["late_share"] == 1.0
    assert '"late_share": 1.0' in result.summary_to_json()
    assert "Late" in result.text(), "the terminal shows it below its heading"
    assert "late_share" in list_outcomes(["school"]), "sweeps can store it"
    assert sign_of_worse("late_share") == 1
    assert format_run(result) is not None


def test_every_outcome_has_a_label_a_unit_and_a_meaning_of_its_own() -> None:
    labels = [each.label for each in OUTCOMES.values()]
    assert len(set(labels)) == len(labels), "two outcomes with one label cannot be distinguished in a table"
    for name, each in OUTCOMES.items():
        assert each.name == name
        assert each.unit
        assert each.meaning.endswith(".")
        assert each.compute.__doc__ == each.meaning, "help() on the function prints the meaning"


def test_the_short_tables_show_missed_risk_with_harm_assessments_workload_and_money() -> None:
    for table in ("run", "comparison"):
        groups = group_by_heading(table)  # type: ignore[arg-type]
        assert tuple(groups) == HEADINGS
        assert all(groups.values()), f"no heading is empty in the table of a {table}"
    shown = {each.name for outcomes in group_by_heading("comparison").values() for each in outcomes}
    assert set(HEADLINES) <= shown, "every headline is in the table of a comparison"


def test_the_first_headline_below_each_heading_stands_for_it_where_there_is_little_room() -> None:
    first = list_first_headlines()
    assert tuple(OUTCOMES[name].heading for name in first) == HEADINGS, "one for each heading, in their order"
    headlines = list_headlines()
    for name in first:
        above = headlines[: headlines.index(name)]
        assert OUTCOMES[name].heading not in {OUTCOMES[other].heading for other in above}
    assert list_first_headlines(["Money", "Missed risk"]) == (first[0], first[-1])


def test_an_outcome_has_a_better_direction_only_where_it_is_beyond_doubt() -> None:
    assert sign_of_worse("missed_risk_rate") == 1
    assert sign_of_worse("protected_share") == -1
    assert sign_of_worse("plan_stock_per_10k") == 0, "more plans are neither better nor worse"
    assert sign_of_worse("chain_stopped_at.C3") == 0


def test_the_parts_of_an_outcome_are_columns_of_a_comparison() -> None:
    columns = COMPARISON_TABLES["runs"]
    for name, each in OUTCOMES.items():
        for part in each.parts:
            assert f"{name}.{part}" in columns
