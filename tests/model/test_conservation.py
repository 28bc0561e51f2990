"""Children, messages, hours and results are conserved: none appears, disappears or is counted twice."""

import numpy as np
import pandas as pd
import pytest
from tests.model.authority import (
    FRONT_DOOR_SHUT,
    WEEKS,
    build_model,
    get_world,
    run_to_end,
    scenario,
    select_events,
    tiny_result,
)

from cpsim.casework.state import STATUSES, Status
from cpsim.model import ChildProtectionModel
from cpsim.results import RunResult
from cpsim.simulation import Step

BUSY = (
    "workforce.exit_per_year=1.5",
    "workforce.refill_weeks=8",
    "workforce.assessment_posts_per_10k=60",
    "front_door.flood_effect=0",
)
"""Social workers leave often, so that many cases are handed over."""


def open_statuses() -> range:
    return range(Status.CLOSED + 1, Status.ADULT)


@pytest.fixture(scope="module")
def watched() -> list[pd.DataFrame]:
    """Caseloads at the start of every eighth week, counted from the children's records."""
    weeks: list[pd.DataFrame] = []

    def recount(model: ChildProtectionModel) -> None:
        if model.week % 8 == 0:
            weeks.append(_count_cases(model))

    model = build_model(scenario(*BUSY), collect=False)
    model.plan.insert(0, Step("recount", "counts cases child by child", recount))
    run_to_end(model)
    return weeks


def _count_cases(model: ChildProtectionModel) -> pd.DataFrame:
    records, workers = model.casework.records, model.tables["workers"]
    held = np.bincount(records.worker[records.worker >= 0], minlength=len(workers))
    return pd.DataFrame(
        {name: workers[name].copy() for name in ("caseload", "employed", "team")} | {"held": held}
    )


def test_a_caseload_is_the_number_of_open_cases_of_that_social_worker(watched: list[pd.DataFrame]) -> None:
    for week in watched:
        assert (week["held"] == week["caseload"])[week["employed"]].all()
    assert max(week["held"].max() for week in watched) > 1


def test_social_workers_who_have_left_hold_no_cases(watched: list[pd.DataFrame]) -> None:
    for week in watched:
        assert (week.loc[~week["employed"], "held"] == 0).all()
    assert any((~week["employed"]).any() for week in watched)


def test_only_open_cases_have_a_social_worker_and_no_adult_has_an_open_case() -> None:
    model = build_model(scenario(), collect=False)
    birth = model.world.children.birth
    while model.running:
        model.step()
        status, worker = model.casework.records.status, model.casework.records.worker
        assert ((status >= 0) & (status < len(STATUSES))).all()
        assert (worker[~np.isin(status, list(open_statuses()))] == -1).all()
        age = model.week - 1 - birth
        assert not ((age >= 936) & np.isin(status, list(open_statuses()))).any()
        assert not ((age < 0) & (worker >= 0)).any()


def test_each_child_waits_in_at_most_one_queue_and_has_the_status_of_that_queue() -> None:
    model = build_model(
        scenario("workforce.assessment_posts_per_10k=2", "workforce.long_term_posts_per_10k=5"), collect=False
    )
    longest = 0
    while model.running:
        model.step()
        state = model.casework
        for queue, status in (
            (state.waiting_initial, Status.WAITING),
            (state.waiting_core, Status.CORE_WAITING),
        ):
            waiting = queue["child"][state.records.status[queue["child"]] == status]
            assert len(np.unique(waiting)) == len(waiting)
            assert set(waiting.tolist()) == set(np.flatnonzero(state.records.status == status).tolist())
            longest = max(longest, len(waiting))
    assert longest > 5


def test_each_case_that_enters_a_stage_leaves_it_or_is_still_in_it() -> None:
    model = build_model(scenario(), collect=False)
    result = run_to_end(model)
    status = np.bincount(model.casework.records.status, minlength=len(STATUSES))
    went = result.events["stage"].value_counts()
    assert went["initial_started"] >= went["initial_finished"]
    turned_18 = int(went["turned_18"])
    assert 0 <= went["initial_started"] - went["initial_finished"] - status[Status.INITIAL] <= turned_18
    assert (
        0
        <= went["core_started"] - went["core_finished"] - status[Status.CORE] - status[Status.ENQUIRY]
        <= turned_18
    )
    assert 0 <= went["plan_started"] - went["plan_ended"] - status[Status.PLAN] <= turned_18
    assert 0 <= went["care_started"] - went["care_ended"] - status[Status.CARE] <= turned_18
    on_a_plan = result.weekly["plans_started"].sum() - result.weekly["plans_ended"].sum()
    assert on_a_plan >= result.weekly["on_plan"].iloc[-1]


@pytest.mark.parametrize("delay", [0, 3])
def test_each_message_is_delivered_or_lost_or_in_transit(delay: int) -> None:
    """Requests for help use the same queue and are switched off here; messages about adults are not delivered."""
    no_requests = [
        f"other_need.{need}.help_request_chance=0"
        for need in ("disability", "family_stress", "older_teenager")
    ]
    model = build_model(scenario(*no_requests, f"network.message_delay_weeks={delay}"), collect=False)
    weekly = run_to_end(model).weekly
    in_transit = len(model.casework.messages_in_transit)
    lost_to_adulthood = (
        weekly["messages_sent"].sum()
        - weekly["messages_delivered"].sum()
        - weekly["messages_lost"].sum()
        - in_transit
    )
    assert 0 <= lost_to_adulthood <= (0 if delay == 0 else 0.02 * weekly["messages_sent"].sum())
    assert weekly["messages_lost"].sum() > 0
    assert delay == 0 or in_transit > 0


def test_hours_used_never_exceed_the_hours_available() -> None:
    """Unless teams work faster under load, all assessments started fit into the hours of the teams."""
    result = run_to_end(
        build_model(
            scenario("assessment.time_compression=0", "workforce.assessment_posts_per_10k=2"), collect=False
        )
    )
    hours, weekly = scenario().workforce, result.weekly
    assert (weekly["hours_available"] >= 0).all()
    initial = hours.hours_initial * weekly["initial_started"]
    core = hours.hours_core * (weekly["core_started"] - weekly["s47_started"])
    enquiry = (hours.hours_core + hours.hours_s47) * weekly["s47_started"]
    used = (initial + core + enquiry).cumsum()
    assert (used <= weekly["hours_available"].cumsum()).all()
    assert weekly["utilisation"].mean() > 1, "demand must exceed capacity, or the test shows nothing"


COUNTED = {
    "referrals": "referred",
    "initial_started": "initial_started",
    "initial_finished": "initial_finished",
    "core_started": "core_started",
    "s47_started": "enquiry_started",
    "conferences": "conference",
    "plans_started": "plan_started",
    "plans_ended": "plan_ended",
    "care_starts": "care_started",
    "serious_events": "serious_event",
    "messages_sent": "shared",
    "messages_delivered": "delivered",
    "messages_lost": "lost",
    "consultations": "consulted",
}


@pytest.mark.parametrize("column", COUNTED)
def test_weekly_counts_are_the_numbers_of_events(column: str) -> None:
    weekly, events = tiny_result().weekly.set_index("week"), select_events(tiny_result(), COUNTED[column])
    counted = events["week"].value_counts().reindex(weekly.index, fill_value=0)
    assert (weekly[column] == counted).all()
    assert weekly[column].sum() == len(events) > 0


def test_each_contact_and_each_referral_has_a_kind_of_sender() -> None:
    weekly = tiny_result().weekly
    for what in ("contacts", "referrals"):
        by_kind = weekly[[column for column in weekly if column.startswith(f"{what}_from_")]].sum(axis=1)
        assert (by_kind == weekly[what]).all()
    assert (weekly["referrals"] <= weekly["contacts"]).all()


def test_parts_never_exceed_the_whole() -> None:
    weekly = tiny_result().weekly
    assert len(weekly) == WEEKS
    for part, whole in (
        ("in_harm_unprotected", "in_harm"),
        ("in_harm", "children"),
        ("repeat_referrals", "referrals"),
        ("initial_on_time", "initial_finished"),
        ("core_on_time", "core_finished"),
        ("repeat_plans", "plans_started"),
        ("s47_started", "core_started"),
    ):
        assert (weekly[part] <= weekly[whole]).all(), f"{part} over {whole}"
    assert (weekly.select_dtypes("number").drop(columns="week") >= 0).all().all()


def count_results(result: RunResult) -> pd.Series:
    return result.spells["result_13w"].value_counts()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_spell_of_harm_has_one_result_and_each_miss_one_cause(seed: int) -> None:
    result = tiny_result(seed=seed)
    spells, weekly = result.spells, result.weekly
    assert count_results(result).sum() == len(spells) == result.summary["harm_spells"]
    missed = spells["result_13w"] == "missed"
    assert spells["stopped_at"].notna().equals(missed)
    assert spells["stopped_at_part"].notna().equals(missed)
    assert (
        spells.loc[missed, "stopped_at_part"].astype(str).str[:2]
        == spells.loc[missed, "stopped_at"].astype(str)
    ).all()
    by_cause = result.summary["chain_stopped_at"]
    assert isinstance(by_cause, dict)
    assert sum(by_cause.values()) == pytest.approx(1)
    parts = ["missed_13w", "protected_13w", "self_resolved_13w", "censored_13w"]
    for part, name in zip(parts, ("missed", "protected", "self_resolved", "censored"), strict=True):
        assert weekly[part].sum() == count_results(result).get(name, 0)


def test_the_stages_of_a_spell_are_in_order() -> None:
    spells = tiny_result().spells
    assert (spells["end_actual"] <= spells["end_untreated"]).all()
    at_once = spells["end_actual"] == spells["onset"]
    assert (spells["end_actual"] >= spells["onset"]).all()
    assert (spells["first_protected"] == spells["onset"])[at_once].all(), "care ends harm at home at once"
    for first in (
        "notice",
        "record",
        "threshold",
        "share",
        "delivery",
        "referral",
        "assessment",
        "protected",
    ):
        week = spells[f"first_{first}"]
        assert (week.dropna() >= spells.loc[week.notna(), "onset"]).all()
    assert not (spells["first_record"] < spells["first_notice"]).any()
    assert not (spells["first_threshold"] < spells["first_record"]).any()


def test_weekly_numbers_of_children_in_harm_add_up_to_the_weeks_of_all_spells() -> None:
    """Without intervention, children in harm summed over all weeks are the length of all spells."""
    settings = scenario(*FRONT_DOOR_SHUT)
    world = get_world(settings)
    spells = world.spells
    length = np.minimum(spells.end, world.weeks) - np.maximum(spells.onset, 0)
    in_harm = tiny_result(*FRONT_DOOR_SHUT).weekly["in_harm"]
    assert in_harm.sum() == np.maximum(length, 0)[spells.harm].sum()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_family_is_missed_if_any_of_its_children_is_missed(seed: int) -> None:
    result = tiny_result(seed=seed)
    followed = result.spells[result.spells["result_13w"] != "censored"]
    missed = (followed["result_13w"] == "missed").groupby(followed["family"]).any()
    assert result.summary["missed_risk_rate_families"] == pytest.approx(missed.mean())
