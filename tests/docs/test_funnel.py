"""The page of the funnel has a row for each of the twenty targets, met or not, and each target has its evidence."""

import re
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from tests.docs.pages import MODEL, import_script

from cpsim.results import SUMMARY
from cpsim.scenario.evidence import load_evidence

TWENTY = set(range(1, 21))


@pytest.fixture
def funnel(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return import_script("score_funnel", monkeypatch)


def list_targets(funnel: Any) -> list[Any]:
    return [*funnel.TARGETS, *funnel.NOT_FITTED]


def find_rows(text: str) -> dict[str, list[str]]:
    """Number of each target -> cells of its row."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if "|" in line
    ]
    return {cells[0]: cells for cells in rows if re.match(r"[A-Z]?\d", cells[0])}


def test_the_script_has_all_twenty_targets_and_each_has_evidence(funnel: ModuleType) -> None:
    assert {int(target.number.rstrip("abc")) for target in list_targets(funnel)} == TWENTY
    for target in (*list_targets(funnel), *funnel.OTHERS):
        assert target.evidence.split()
        assert set(target.evidence.split()) <= set(load_evidence())


def test_every_percentage_in_the_evidence_of_a_target_meets_the_target(funnel: ModuleType) -> None:
    """Targets round the figures; a figure outside the tolerance would mean another quantity or a slip."""
    shares = [
        (target, figure)
        for target in list_targets(funnel)
        if target.percent
        for figure in (load_evidence()[name] for name in target.evidence.split())
        if figure.value is not None
    ]
    assert len(shares) > 30
    for target, figure in shares:
        assert figure.unit.startswith("%")
        assert target.is_met(figure.value / 100), (target.number, figure.id)


def test_a_target_that_no_outcome_corresponds_to_says_why(funnel: ModuleType) -> None:
    assert [target.number for target in list_targets(funnel) if not target.name] == ["20"]
    assert all(target.remark for target in list_targets(funnel) if not target.name)


def test_the_page_has_a_row_for_each_target_with_its_evidence_range_and_verdict(funnel: ModuleType) -> None:
    rows = find_rows((MODEL / "funnel.md").read_text("utf-8"))
    targets = (*list_targets(funnel), *funnel.OTHERS)
    assert set(rows) == {target.number for target in targets}
    for target in targets:
        _, statistic, evidence, _, _, mean, _, fitted, within = rows[target.number]
        assert statistic == target.description
        assert evidence == target.evidence.replace(" ", ", ")
        assert fitted == ("yes" if target in funnel.TARGETS else "no")
        if not target.name:
            assert within == "not computed"
            continue
        value = float(mean.rstrip("%")) / (100 if target.percent else 1)
        assert (within == "yes") == target.is_met(value)


def test_a_target_counts_as_met_if_all_its_rows_are(funnel: Any) -> None:
    middle = {
        target.name: (target.low + target.high) / 2
        for target in (*list_targets(funnel), *funnel.OTHERS)
        if target.name
    }
    assert "Met: 19 of 20. Missed: 0. Not computed: 1." in funnel.format_page([middle])
    assert "Met: 18 of 20. Missed: 1. Not computed: 1." in funnel.format_page(
        [middle | {"vacancy_share": 1.0}]
    )
    text = funnel.format_page([middle | {"source_share.school": 0.0}, middle])
    assert find_rows(text)["14b"][-1] == "**no**"
    assert find_rows(text)["14a"][-1] == "yes"


def test_the_outcomes_of_targets_are_those_of_a_run_or_computed_here(funnel: Any) -> None:
    computed = {
        "in_need_total",
        "harmed_in_year_share",
        "harmed_per_planned_child",
        "police_notices_assessed_share",
    }
    names = {
        target.name.partition(".")[0] for target in (*list_targets(funnel), *funnel.OTHERS) if target.name
    }
    assert names - computed <= set(SUMMARY)


class RunWithNotices:
    """A run of two evaluated weeks, in which the police sent four notices and a school sent one.

    Of the children of the police's notices, 1 is assessed; 2 is referred but not assessed; 3 is assessed after a
    referral in another week than that of the notice; the notice about 4 came before the evaluated weeks.
    """

    weekly = pd.DataFrame({"week": [-1, 0, 1], "phase": ["warm_up", "evaluated", "evaluated"]})
    agencies = pd.DataFrame({"kind": ["school", "police"]})
    events = pd.DataFrame(
        [
            (-1, 4, "delivered", 1),
            (-1, 4, "referred", 1),
            (0, 1, "delivered", 1),
            (0, 1, "referred", 1),
            (0, 2, "delivered", 1),
            (0, 2, "referred", 1),
            (0, 3, "delivered", 1),
            (0, 4, "initial_started", -1),
            (0, 5, "delivered", 0),
            (0, 5, "referred", 0),
            (1, 1, "initial_started", -1),
            (1, 3, "referred", 0),
            (1, 3, "initial_started", -1),
            (1, 5, "initial_started", -1),
        ],
        columns=["week", "child", "stage", "agency"],
    )


def test_a_police_notice_leads_to_an_assessment_if_the_child_is_referred_in_its_week(funnel: Any) -> None:
    assert funnel._share_police_notices_assessed(RunWithNotices) == pytest.approx(1 / 3)
