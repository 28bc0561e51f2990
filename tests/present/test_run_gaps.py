"""Gaps between groups of children are those of the summary, with intervals for chance within the run."""

import re

import pytest
from tests.results.synthetic import run_result

import cpsim
from cpsim.formatting import add_sign, format_outcome
from cpsim.present.run_gaps import GAPS, create_gap_table, format_missed_gap
from cpsim.results import RunResult


@pytest.fixture(scope="module")
def town() -> RunResult:
    """A town with enough spells in both groups of deprivation."""
    return cpsim.run({"extends": "small", "clock": {"years": 3, "warm_up_years": 1}}, seed=3)


def test_each_gap_in_the_table_is_the_outcome_of_the_summary(town: RunResult) -> None:
    rows = create_gap_table(town).groups[0].rows
    for row, name in zip(rows, GAPS, strict=True):
        value = town.summary[name]
        assert f"#term-{name}" in row[0]
        assert row[3].startswith(f"{add_sign(format_outcome(name, value))} ("), name


def test_an_interval_contains_its_gap(town: RunResult) -> None:
    for row in create_gap_table(town).groups[0].rows:
        gap, low, high = (float(number.replace("−", "-")) for number in re.findall(r"[−+]?\d+\.\d+", row[3]))
        assert low < gap < high
    assert format_missed_gap(town) in create_gap_table(town).groups[0].rows[0][3]


def test_too_few_spells_have_counts_instead_of_a_gap() -> None:
    whole = run_result(years=1, spells=30)
    row = create_gap_table(whole).groups[0].rows[0]
    assert re.fullmatch(r"most deprived fifth: \d+ of \d+", row[1])
    assert row[3] == format_missed_gap(whole) == "fewer than 20 spells"


def test_a_run_without_children_has_no_rates() -> None:
    whole = run_result(years=1, spells=30)
    childless = RunResult(**{**vars(whole), "children": whole.children.iloc[:0]})
    assert create_gap_table(childless).groups[0].rows[2][3] == "–"
