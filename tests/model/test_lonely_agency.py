"""An agency that nobody talks to changes nothing for anybody."""

from typing import Any

import pandas as pd
from pandas.testing import assert_frame_equal
from tests.model.authority import changed, outcome, run_of, scenario, stage

from cpsim.results import RunResult

LONELY: dict[str, Any] = {
    "tied": False,
    "sites_per_10k_children": 30.0,
    "contacts_per_week": {"under_1": 0.5, "age_1_to_3": 0.5, "age_4_to_10": 0.5, "age_11_to_17": 0.5},
    "weakest_visible_sign": 1.0,
    "notice_threshold": 1.0,
    "recording": 1.0,
    "conference_attendance": 0.0,
}
"""A kind of agency that meets everybody, notices a great deal and talks to nobody."""

CHILDREN_OUTCOMES = [
    "child", "onset", "end_actual", "serious_week", "first_referral", "first_assessment", "first_protected",
    "result_4w", "result_13w", "result_26w", "result_52w",
]  # fmt: skip


def with_lonely_agency() -> RunResult:
    return run_of(changed(scenario(), agencies={"youth_justice": LONELY}))


def same_weeks_but_for(kind: str, one: pd.DataFrame, other: pd.DataFrame) -> None:
    extra = [f"contacts_from_{kind}", f"referrals_from_{kind}"]
    assert (one[extra] == 0).all().all()
    assert_frame_equal(one.drop(columns=extra), other, check_exact=True)


def test_an_agency_that_talks_to_nobody_changes_no_childs_outcome() -> None:
    lonely = with_lonely_agency()
    assert (stage(lonely, "noticed")["agency"] >= len(outcome().agencies)).sum() > 1000
    same_weeks_but_for("youth_justice", lonely.weekly, outcome().weekly)
    assert_frame_equal(
        lonely.spells[CHILDREN_OUTCOMES], outcome().spells[CHILDREN_OUTCOMES], check_exact=True
    )


def test_an_agency_that_talks_to_nobody_leaves_everybody_elses_history_as_it_was() -> None:
    lonely, without = with_lonely_agency(), outcome()
    of_others = lonely.events[lonely.events["agency"] < len(without.agencies)]
    assert_frame_equal(of_others.reset_index(drop=True), without.events, check_exact=True)
    assert_frame_equal(lonely.ties, without.ties, check_exact=True)
