"""The outcomes in `summary.json`, computed over the evaluated weeks; None where an outcome is undefined."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from cpsim.casework.log import Events, FinishedLog, Occurrence
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.measures.causes import CAUSE_PARTS, CAUSES
from cpsim.measures.cost import cost_gbp
from cpsim.measures.equity import compare_by_deprivation, compare_by_group, false_alarm_gap, missed_risk_gap
from cpsim.measures.horizons import OTHER_HORIZONS, result_column
from cpsim.measures.intervals import EventTimes, Intervals
from cpsim.measures.weekly import actual_end, find_false_alarms
from cpsim.scenario.schema import Scenario
from cpsim.world import World

Value = float | dict[str, float] | None

_WEEKS_PER_MONTH = WEEKS_PER_YEAR / 12
_AVOIDABLE_AFTER = 4  # weeks in harm from which a serious event counts as avoidable
_ASSESSMENT_WITHIN = 26  # weeks after a referral in which its assessment must start
_IN_TIME_FOR_DELIVERY = 4  # weeks


def summarise(
    scenario: Scenario,
    world: World,
    events: FinishedLog,
    weekly: pd.DataFrame,
    spells: pd.DataFrame,
    posts: int,
) -> dict[str, Value]:
    """Compute all outcomes of a run.

    Args:
        scenario: the scenario, for its prices and the horizon.
        world: the children and their spells.
        events: the log of the run.
        weekly: the weekly table.
        spells: the table of spells.
        posts: number of social work posts, filled or vacant.

    Returns:
        Values by the names of `summary.json`; None where an outcome is undefined.
    """
    evaluated = weekly[weekly["phase"] == "evaluated"]
    child_years = float(evaluated["children"].sum()) / WEEKS_PER_YEAR
    window = EvaluatedWindow(events, world)
    return (
        _harm_outcomes(world, window, evaluated, spells, scenario.measures.horizon_weeks, child_years)
        | _funnel_outcomes(world, events, window, evaluated, child_years)
        | _false_alarm_outcomes(world, events, window, evaluated, child_years)
        | _workload_outcomes(evaluated, posts)
        | _tie_outcomes(world, events, window, evaluated)
        | _cost_and_equity_outcomes(scenario, world, events, window, evaluated, spells, child_years)
    )


class EvaluatedWindow:
    """The events of the evaluated weeks."""

    def __init__(self, events: FinishedLog, world: World) -> None:
        self._events = events
        self._weeks = world.warm_up, world.warm_up + world.evaluated_weeks

    def select(self, occurrence: int) -> Events:
        """Select the events of one kind in the evaluated weeks."""
        return self._events.select(occurrence).select_weeks(*self._weeks)


def _ratio(part: float, whole: float) -> float | None:
    return float(part) / float(whole) if whole else None


def _harm_outcomes(
    world: World,
    window: EvaluatedWindow,
    evaluated: pd.DataFrame,
    spells: pd.DataFrame,
    horizon: int,
    child_years: float,
) -> dict[str, Value]:
    outcomes: dict[str, Value] = {"missed_risk_rate": _missed_risk_rate(spells, horizon)}
    outcomes |= {f"missed_risk_rate_{other}w": _missed_risk_rate(spells, other) for other in OTHER_HORIZONS}
    result = spells[result_column(horizon)]
    number = result.value_counts()
    missed, protected = int(number.get("missed", 0)), int(number.get("protected", 0))
    followed = int((result != "censored").sum())
    serious = window.select(Occurrence.SERIOUS_EVENT)
    weeks_in_harm = serious.week - world.spells.onset[serious.value.astype(np.int64)]
    in_harm = float(evaluated["in_harm"].sum())
    outcomes |= {
        "protected_share": _ratio(protected, followed),
        "self_resolved_share": _ratio(int(number.get("self_resolved", 0)), followed),
        "missed_of_unresolved_share": _ratio(missed, missed + protected),
        "missed_risk_rate_families": _rate_of_families(spells, horizon),
        "harm_onsets_per_10k_year": 1e4 * len(spells) / child_years,
        "harm_spells": float(len(spells)),
        "censored_spells": float(number.get("censored", 0)),
        "missed_by_cause": _shares(spells["cause"], CAUSES),
        "missed_by_cause_part": _shares(spells["cause_part"], CAUSE_PARTS),
        "unprotected_weeks_share": _ratio(float(evaluated["in_harm_unprotected"].sum()), in_harm),
        "serious_events": 1e4 * len(serious.week) / child_years,
        "serious_events_avoidable": 1e4 * int((weeks_in_harm >= _AVOIDABLE_AFTER).sum()) / child_years,
        "detection_delay_weeks_median": _median_delay(spells),
    }
    return outcomes


def _missed_risk_rate(spells: pd.DataFrame, horizon: int) -> float | None:
    """Share of missed spells, of those that could be followed to the deadline."""
    result = spells[result_column(horizon)]
    return _ratio(int((result == "missed").sum()), int((result != "censored").sum()))


def _rate_of_families(spells: pd.DataFrame, horizon: int) -> float | None:
    """Share of families with a missed spell, of those with a spell that could be followed to its deadline."""
    result = spells[result_column(horizon)]
    followed, missed = spells[result != "censored"], spells[result == "missed"]
    return _ratio(missed["family"].nunique(), followed["family"].nunique())


def _shares(codes: pd.Series, all_codes: Iterable[str]) -> dict[str, float] | None:
    """Share of each code; None if there are no codes."""
    number = codes.value_counts()
    total = int(number.sum())
    return {code: float(number.get(code, 0)) / total for code in all_codes} if total else None


def _median_delay(spells: pd.DataFrame) -> float | None:
    """Kaplan-Meier median of the weeks from onset to effective protection; the end of a spell censors it.

    For whole weeks the estimate is a cumulative product, which saves importing a library (a third of a second).
    """
    reached = spells["first_protected"].notna().to_numpy(np.bool_)
    until = spells["first_protected"].fillna(spells["end_actual"]) - spells["onset"]
    weeks = until.to_numpy(np.int64)
    protected = np.bincount(weeks[reached], minlength=weeks.max(initial=0) + 1)
    followed = np.bincount(weeks, minlength=len(protected))
    at_risk = followed[::-1].cumsum()[::-1]
    survival = np.cumprod(1 - protected / np.maximum(at_risk, 1))
    below = np.flatnonzero(survival <= 0.5)
    return float(below[0]) if len(below) else None


def _funnel_outcomes(
    world: World, events: FinishedLog, window: EvaluatedWindow, evaluated: pd.DataFrame, child_years: float
) -> dict[str, Value]:
    total = {
        name: float(evaluated[name].sum())
        for name in evaluated.columns
        if name not in ("week", "date", "phase")
    }
    referred = window.select(Occurrence.REFERRED)
    started = events.select(Occurrence.INITIAL_STARTED)
    all_referred = events.select(Occurrence.REFERRED)
    assessed = EventTimes(started.child, started.week).find_first(referred.child, referred.week)
    again = EventTimes(all_referred.child, all_referred.week).find_first(referred.child, referred.week + 1)
    # An assessment belongs to the child's last referral before it.
    followed = (assessed <= referred.week + _ASSESSMENT_WITHIN) & (assessed < again)
    ended = window.select(Occurrence.PLAN_ENDED)
    prefix = "referrals_from_"
    sources = {name.removeprefix(prefix): value for name, value in total.items() if name.startswith(prefix)}
    return {
        "contacts_per_10k_year": 1e4 * total["contacts"] / child_years,
        "contacts_per_referral": _ratio(total["contacts"], total["referrals"]),
        "referrals_per_10k_year": 1e4 * total["referrals"] / child_years,
        "rereferral_share_12m": _ratio(total["repeat_referrals"], total["referrals"]),
        "initial_assessments_per_referral": _ratio(float(followed.sum()), len(followed)),
        "core_per_initial": _ratio(total["core_started"], total["initial_started"]),
        "s47_per_referral": _ratio(total["s47_started"], total["referrals"]),
        "conferences_per_s47": _ratio(total["conferences"], total["s47_started"]),
        "plans_per_conference": _ratio(total["plans_started"], total["conferences"]),
        "plan_stock_per_10k": 1e4 * total["on_plan"] / total["children"],
        "in_need_stock_per_10k": 1e4 * total["in_need_service"] / total["children"],
        "in_care_per_10k": 1e4 * total["in_care"] / total["children"],
        "plan_months_mean": float(ended.value.mean()) / _WEEKS_PER_MONTH if len(ended.value) else None,
        "plans_over_two_years_share": _ratio(
            float((ended.value > 2 * WEEKS_PER_YEAR).sum()), len(ended.value)
        ),
        "repeat_plan_share": _ratio(total["repeat_plans"], total["plans_started"]),
        "initial_on_time_share": _ratio(total["initial_on_time"], total["initial_finished"]),
        "core_on_time_share": _ratio(total["core_on_time"], total["core_finished"]),
        "referred_by_age_5_share": _referred_by_age_5(world, events),
        "source_share": {kind: value / total["referrals"] for kind, value in sources.items()}
        if total["referrals"]
        else None,
    }


def _referred_by_age_5(world: World, events: FinishedLog) -> float | None:
    """Share with a referral before age 5, of the children born in the run who turn 5 in the evaluated weeks."""
    five = 5 * WEEKS_PER_YEAR
    birth = world.children.birth
    turned = np.flatnonzero(
        (birth >= 0)
        & (birth + five >= world.warm_up)
        & (birth + five < world.warm_up + world.evaluated_weeks)
    )
    referred = events.select(Occurrence.REFERRED)
    before = (
        EventTimes(referred.child, referred.week).count_between(
            turned, birth[turned], birth[turned] + five - 1
        )
        > 0
    )
    return _ratio(float(before.sum()), len(turned))


def _false_alarm_outcomes(
    world: World, events: FinishedLog, window: EvaluatedWindow, evaluated: pd.DataFrame, child_years: float
) -> dict[str, Value]:
    harm = np.flatnonzero(world.spells.harm)
    in_harm = Intervals.of(
        world.spells.child[harm], world.spells.onset[harm], actual_end(world, events)[harm]
    )
    referred = window.select(Occurrence.REFERRED)
    true = in_harm.count_open(referred.child, referred.week) > 0
    return {
        "false_alarm_families_per_10k_year": 1e4
        * float(evaluated["false_alarm_families"].sum())
        / child_years,
        "referral_ppv": _ratio(float(true.sum()), len(true)),
        "needless_family_weeks_per_10k_year": 1e4
        * float(evaluated["needless_family_weeks"].sum())
        / child_years,
    }


def _workload_outcomes(evaluated: pd.DataFrame, posts: int) -> dict[str, Value]:
    years = len(evaluated) / WEEKS_PER_YEAR
    return {
        "utilisation_mean": _ratio(
            float(evaluated["hours_demanded"].sum()), float(evaluated["hours_available"].sum())
        ),
        "caseload_mean": float(evaluated["caseload_mean"].mean()),
        "vacancy_share": float(evaluated["vacancy_share"].mean()),
        "turnover_per_year": _ratio(float(evaluated["exits"].sum()) / years, posts),
    }


def _tie_outcomes(
    world: World, events: FinishedLog, window: EvaluatedWindow, evaluated: pd.DataFrame
) -> dict[str, Value]:
    sent, delivered = window.select(Occurrence.SHARED), events.select(Occurrence.DELIVERED)
    sites = len(world.sites.kind)
    arrived = EventTimes(delivered.child.astype(np.int64) * sites + delivered.site, delivered.week)
    key = sent.child.astype(np.int64) * sites + sent.site
    in_time = arrived.count_between(key, sent.week, sent.week + _IN_TIME_FOR_DELIVERY) > 0
    return {
        "trust_mean": float(evaluated["trust_mean"].mean()),
        "delivery_rate": _ratio(float(in_time.sum()), len(in_time)),
    }


def _cost_and_equity_outcomes(
    scenario: Scenario,
    world: World,
    events: FinishedLog,
    window: EvaluatedWindow,
    evaluated: pd.DataFrame,
    spells: pd.DataFrame,
    child_years: float,
) -> dict[str, Value]:
    applications = len(window.select(Occurrence.COURT_APPLICATION).week)
    family, week, _ = find_false_alarms(world, events)
    family = family[(week >= world.warm_up) & (week < world.warm_up + world.evaluated_weeks)]
    result, children = spells[result_column(scenario.measures.horizon_weeks)], world.children
    return {
        "cost_gbp_per_child_year": cost_gbp(evaluated, applications, scenario.costs) / child_years,
        "pool_participation": float(evaluated["pool_participation"].mean()),
        "pooling_gbp_per_child_year": float(evaluated["pooling_gbp"].sum()) / child_years,
        "cost_gbp_per_unprotected_week_averted": None,
        "equity_gap_miss": missed_risk_gap(result, compare_by_deprivation(spells["decile"].to_numpy())),
        "equity_gap_false_alarm": false_alarm_gap(world, family, compare_by_deprivation(children.decile)),
        "group_gap_miss": missed_risk_gap(
            result, compare_by_group((spells["group"] == "smaller").to_numpy())
        ),
        "group_gap_false_alarm": false_alarm_gap(world, family, compare_by_group(children.group)),
    }
