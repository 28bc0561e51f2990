"""An agency without ties to other agencies changes nothing for any child."""

from typing import Any

import pandas as pd
from pandas.testing import assert_frame_equal
from tests.model.authority import replace_sections, run_scenario, scenario, select_events, tiny_result

from cpsim.results import RunResult

ISOLATED: dict[str, Any] = {
    "tied": False,
    "sites_per_10k_children": 30.0,
    "contacts_per_week": {"under_1": 0.5, "age_1_to_3": 0.5, "age_4_to_10": 0.5, "age_11_to_17": 0.5},
    "weakest_visible_sign": 1.0,
    "notice_threshold": 1.0,
    "recording": 1.0,
    "conference_attendance": 0.0,
}
"""A kind of agency that meets all children and notices many signs, but shares none."""

CHILDREN_OUTCOMES = [
    "child", "onset", "end_actual", "serious_week", "first_referral", "first_assessment", "first_protected",
    "result_4w", "result_13w", "result_26w", "result_52w",
]  # fmt: skip


def run_with_isolated_agency() -> RunResult:
    return run_scenario(replace_sections(scenario(), agencies={"youth_justice": ISOLATED}))


def assert_same_weeks_except(kind: str, one: pd.DataFrame, other: pd.DataFrame) -> None:
    extra = [f"contacts_from_{kind}", f"referrals_from_{kind}"]
    assert (one[extra] == 0).all().all()
    # Records of an agency that no one can ask are records all the same.
    on_file = ["pooled_alarms", "pooled_alarms_true"]
    assert_frame_equal(one.drop(columns=[*extra, *on_file]), other.drop(columns=on_file), check_exact=True)


def test_an_agency_without_ties_changes_no_childs_outcome() -> None:
    isolated = run_with_isolated_agency()
    assert (select_events(isolated, "noticed")["agency"] >= len(tiny_result().agencies)).sum() > 1000
    assert_same_weeks_except("youth_justice", isolated.weekly, tiny_result().weekly)
    assert_frame_equal(
        isolated.spells[CHILDREN_OUTCOMES], tiny_result().spells[CHILDREN_OUTCOMES], check_exact=True
    )


def test_an_agency_without_ties_changes_no_event_of_other_agencies() -> None:
    isolated, without = run_with_isolated_agency(), tiny_result()
    of_others = isolated.events[isolated.events["agency"] < len(without.agencies)]
    assert_frame_equal(of_others.reset_index(drop=True), without.events, check_exact=True)
    assert_frame_equal(isolated.ties, without.ties, check_exact=True)
