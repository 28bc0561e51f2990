"""A plausible result made without the model: an authority of 73,000 children with consistent numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd

from cpsim.draws import generator
from cpsim.measures.outcomes.registry import BY_KIND
from cpsim.results import STOP_PARTS, STOPS, SUMMARY, RunResult, collect_provenance
from cpsim.results.names import FAILURES, FINDINGS, STATES, TIERS

KINDS = ("school", "gp", "pct", "hospital", "police", "community")
SITES = {"school": 110, "gp": 45, "pct": 4, "hospital": 2, "police": 3, "community": 66}
Draw = Callable[[str], np.random.Generator]
"""Gives the generator of a column of a table."""

SHARES = {
    "C0": 0.03, "C1a": 0.06, "C1b": 0.03, "C2": 0.09, "C3a": 0.24, "C3b": 0.03, "C4a": 0.06, "C4b": 0.04,
    "C4c": 0.01, "C5": 0.27, "C6a": 0.005, "C6b": 0.01, "C6c": 0.005, "C7": 0.09, "C8": 0.01, "C9a": 0.02,
}  # fmt: skip


def run_result(years: int = 5, spells: int = 4000, seed: int = 7) -> RunResult:
    duty = date(2006 if years > 1 else 2005, 4, 3)
    scenario: dict[str, Any] = {
        "name": "baseline",
        "clock": {"start": date(2005, 4, 1), "years": years, "warm_up_years": 2},
        "measures": {"horizon_weeks": 13},
        "timeline": [
            {
                "date": duty,
                "lever": "duty",
                "kinds": ["school"],
                "awareness": 0.45,
            }
        ],
    }
    harm = _spells(_key_draws(seed, "spells"), spells, years)
    agencies = _agencies(_key_draws(seed, "agencies"))
    return RunResult(
        scenario=scenario,
        seed=seed,
        summary=_summary(harm),
        weekly=_weekly(_key_draws(seed, "weekly"), years),
        spells=harm,
        children=_children(_key_draws(seed, "children"), years),
        conditions=_conditions(harm),
        services=_services(harm),
        assessments=_assessments(_key_draws(seed, "assessments"), years),
        agencies=agencies,
        ties=_ties(_key_draws(seed, "ties"), agencies),
        events=_events(_key_draws(seed, "events"), 500),
        authorities=_authorities(_key_draws(seed, "authorities"), years),
        ratings=_ratings(_key_draws(seed, "ratings"), years),
        provenance=collect_provenance(scenario, seed, datetime(2026, 1, 5, 12, tzinfo=UTC), 12.3456),
    )


def _key_draws(seed: int, table: str) -> Draw:
    """Give every column of a table a generator of its own, so that a new column shifts no other."""
    return lambda column: generator(seed, f"{table} {column}")


def _weekly(draw: Draw, years: int) -> pd.DataFrame:
    weeks = np.arange(-104, years * 52 + 52)
    swing = 1 + 0.15 * np.sin(2 * np.pi * weeks / 52) + 0.0008 * np.clip(weeks, 0, None)
    phase = np.select([weeks < 0, weeks < years * 52], ["warm_up", "evaluated"], "run_off")

    columns: dict[str, Any] = {
        "week": weeks,
        "date": pd.Timestamp("2005-04-01") + pd.to_timedelta(weeks * 7, unit="D"),
        "phase": phase,
        "children": 73_000 + draw("children").integers(-200, 200, len(weeks)),
        "hours_demanded": 1900 * swing,
        "hours_available": np.full(len(weeks), 2100.0),
        "hours_paid": np.full(len(weeks), 2100.0),
        "pooling_gbp": np.zeros(len(weeks)),
        "pool_participation": np.zeros(len(weeks)),
        "utilisation": 1900 * swing / 2100,
        "caseload_mean": 14 * swing + draw("caseload_mean").normal(0, 0.2, len(weeks)),
        "vacancy_share": np.full(len(weeks), 0.09),
        "posts": np.full(len(weeks), 170),
        "trust_mean": 0.6 - 0.0002 * weeks + draw("trust_mean").normal(0, 0.005, len(weeks)),
    }
    means = {
        "in_harm": 1100, "in_harm_unprotected": 700, "in_need": 3000, "contacts": 185, "referrals": 70,
        "repeat_referrals": 16, "initial_started": 50, "initial_finished": 50, "core_started": 20,
        "core_finished": 20, "s47_started": 10.5, "conferences": 5, "plans_started": 4.4, "repeat_plans": 0.6,
        "plans_ended": 4.4, "on_plan": 180, "in_need_service": 500, "in_care": 350, "care_starts": 2,
        "protected_13w": 4.3, "self_resolved_13w": 2.2, "censored_13w": 0.3, "serious_events": 0.4,
        "assessed_in_harm": 15, "assessed_likely_harm": 1, "assessed_in_need": 20, "assessed_additional_needs": 2,
        "assessed_neither": 3, "needless_service_families": 200, "pooled_alarms": 20, "pooled_alarms_true": 12,
        "in_harm_untreated": 1180, "additional_needs": 400, "exits": 0.2, "messages_sent": 200,
        "messages_delivered": 185, "messages_lost": 15, "consultations": 90, "initial_on_time": 28,
        "core_on_time": 15, "deadlines_13w": 15.4, "missed_13w": 8.6,
        **{f"contacts_from_{kind}": 30 for kind in KINDS}, **{f"referrals_from_{kind}": 12 for kind in KINDS},
    }  # fmt: skip
    return pd.DataFrame(columns | {name: draw(name).poisson(mean * swing) for name, mean in means.items()})


def _spells(draw: Draw, number: int, years: int) -> pd.DataFrame:
    onset = np.sort(draw("onset").integers(0, years * 52, number))
    result = draw("result").choice(
        ["protected", "self_resolved", "missed", "censored"], number, p=[0.28, 0.15, 0.55, 0.02]
    )
    missed = result == "missed"
    part = np.where(
        missed,
        draw("stopped_at_part").choice(list(SHARES), number, p=np.array([*SHARES.values()])),
        None,
    )

    def sometimes(name: str, share: float = 1.0) -> pd.Series:
        own = draw(name)
        later = pd.Series(onset + own.integers(0, 30, number), dtype="Int32")
        return later.mask(pd.Series(own.random(number) > share))

    steps = {"contact": 0.98, "notice": 0.9, "record": 0.8, "threshold": 0.6, "share": 0.55, "delivery": 0.5}
    steps |= {"referral": 0.4, "assessment": 0.35, "protected": 0.3}
    return pd.DataFrame(
        {
            "child": draw("child").integers(0, 100_000, number),
            "family": draw("family").integers(0, 50_000, number),
            "authority": 0,
            "area": draw("area").integers(0, 40, number),
            "decile": draw("decile").integers(1, 11, number),
            "group": draw("group").choice(["larger", "smaller"], number),
            "age_years": draw("age_years").random(number) * 18,
            "onset": onset,
            "end_untreated": sometimes("end_untreated"),
            "end_actual": sometimes("end_actual"),
            "severity": draw("severity").lognormal(0.3, 0.3, number),
            "severe": draw("severe").random(number) < 0.4,
            "course": draw("course").choice(["acute", "chronic"], number, p=[0.6, 0.4]),
            "serious_week": sometimes("serious_week", 0.02),
            **{f"first_{step}": sometimes(step, share) for step, share in steps.items()},
            "shared_by": draw("shared_by").choice([*KINDS, None], number),
            "referred_by": draw("referred_by").choice([*KINDS, None], number),
            **{f"result_{weeks}w": result for weeks in (4, 13, 26, 52)},
            "protected_strictly": (result == "protected") & (draw("protected_strictly").random(number) < 0.7),
            "failed": np.where(missed, draw("failed").choice(list(FAILURES), number), None),
            "had": np.where(missed, draw("had").choice([*TIERS, None], number), None),
            "stopped_at": [code and code[:2] for code in part],
            "stopped_at_part": part,
            "new_harm_after_closure": missed & (draw("new_harm_after_closure").random(number) < 0.02),
        }
    )


def _children(draw: Draw, years: int) -> pd.DataFrame:
    child = np.arange(0, 100_000, 50)
    return pd.DataFrame(
        {
            "child": child,
            "family": child // 2,
            "authority": 0,
            "decile": draw("decile").integers(1, 11, len(child)),
            "group": draw("group").choice(["larger", "smaller"], len(child)),
            "birth": draw("birth").integers(-935, 52 * years, len(child)),
            "first_referral": pd.Series(pd.NA, index=range(len(child)), dtype="Int32"),
        }
    )


def _conditions(spells: pd.DataFrame) -> pd.DataFrame:
    end = spells["onset"] + 30
    return pd.DataFrame(
        {
            "child": spells["child"],
            "family": spells["family"],
            "condition": "harm",
            "severity": spells["severity"],
            "start": spells["onset"],
            "end_untreated": end,
            "end_actual": end,
        }
    )


def _services(spells: pd.DataFrame) -> pd.DataFrame:
    protected = spells[spells["result_13w"] == "protected"]
    return pd.DataFrame(
        {
            "child": protected["child"],
            "family": protected["family"],
            "service": "plan",
            "start": protected["onset"] + 8,
            "end": pd.Series(pd.NA, index=protected.index, dtype="Int32"),
        }
    )


def _assessments(draw: Draw, years: int) -> pd.DataFrame:
    number = 200
    end = np.sort(draw("end").integers(5, 52 * years, number))
    return pd.DataFrame(
        {
            "family": draw("family").integers(0, 50_000, number),
            "authority": 0,
            "children": draw("children").integers(1, 4, number),
            "contact": end - 5,
            "start": end - 3,
            "end": end,
            "enquiry": draw("enquiry").random(number) < 0.2,
            "found": draw("found").choice(list(FINDINGS), number),
            "true": draw("true").choice(list(STATES), number),
        }
    )


def _agencies(draw: Draw) -> pd.DataFrame:
    kinds = np.repeat(list(SITES), list(SITES.values()))
    number = len(kinds)
    return pd.DataFrame(
        {
            "agency": np.arange(number),
            "name": [f"{kind} {row}" for row, kind in enumerate(kinds)],
            "kind": kinds,
            "authority": 0,
            "area": draw("area").integers(-1, 40, number),
            "children": draw("children").integers(50, 2000, number),
            "attention": draw("attention").random(number),
            "recording": draw("recording").random(number),
            "share_threshold": draw("share_threshold").normal(3, 0.2, number),
            **{
                name: draw(name).poisson(100, number)
                for name in ("noticed", "recorded", "consulted", "shared")
            },
        }
    )


def _ties(draw: Draw, agencies: pd.DataFrame) -> pd.DataFrame:
    names, kinds = agencies["name"].to_numpy(), agencies["kind"].to_numpy().astype(str)
    number = len(names)
    a, b = (draw(end).integers(0, number, 1300) for end in ("source", "target"))
    a, b = a[a != b], b[a != b]
    referral, lateral = draw("referral").negative_binomial(1, 0.005, number), draw("lateral")
    uses = np.concatenate([referral, lateral.negative_binomial(1, 0.1, len(a))])
    return pd.DataFrame(
        {
            "source": np.concatenate([names, names[a]]),
            "target": np.concatenate([np.full(number, "front door"), names[b]]),
            "source_kind": np.concatenate([kinds, kinds[a]]),
            "target_kind": np.concatenate([np.full(number, "front_door"), kinds[b]]),
            "role": np.repeat(["referral", "lateral"], [number, len(a)]),
            "trust": draw("trust").beta(6, 4, number + len(a)),
            "uses": uses,
            "delivered": draw("delivered").binomial(uses, 0.9),
        }
    )


def _events(draw: Draw, number: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "week": np.sort(draw("week").integers(-100, 104, number)),
            "child": draw("child").integers(0, 100_000, number),
            "stage": draw("stage").choice(
                ["noticed", "recorded", "shared", "delivered", "screened_out"], number
            ),
            "agency": draw("agency").integers(-1, 230, number),
            "value": draw("value").random(number),
        }
    )


def _authorities(draw: Draw, years: int) -> pd.DataFrame:
    counts = {
        "referrals": 3600, "initial_finished": 2600, "initial_on_time": 1700, "s47_started": 540,
        "plans_started": 230, "spells": 800, "missed": 450, "protected": 220, "self_resolved": 110, "censored": 20,
        "serious_events": 20, "assessed_neither": 150, "harm_weeks": 57_000,
        "harm_weeks_unprotected": 52_000, "messages_sent": 10_000, "messages_lost": 700,
        "messages_misdirected": 0,
    }  # fmt: skip
    return pd.DataFrame(
        {
            "authority": 0,
            "name": "authority-01",
            "year": np.arange(1, years + 1),
            "children": draw("children").normal(73_000, 300, years),
            **{name: draw(name).poisson(mean, years) for name, mean in counts.items()},
            "hours_demanded": draw("hours_demanded").normal(99_000, 900, years),
            "hours_available": np.full(years, 109_000.0),
            "front_door_load": draw("front_door_load").normal(0.9, 0.05, years),
            "vacancy_share": np.full(years, 0.09),
        }
    )


def _ratings(draw: Draw, years: int) -> pd.DataFrame:
    quality = draw("quality").normal(0, 1, 2 * years)
    return pd.DataFrame(
        {
            "week": np.repeat(np.arange(years) * 52, 2),
            "authority": 0,
            "service": ["children", "adults"] * years,
            "score": quality + draw("score").normal(0, 0.5, 2 * years),
            "grade": draw("grade").integers(1, 5, 2 * years),
            "quality": quality,
            "gaming": [0.3, 0.0] * years,
        }
    )


def _summary(spells: pd.DataFrame) -> dict[str, Any]:
    result = spells["result_13w"]
    followed = (result != "censored").sum()
    missed = spells.loc[result == "missed"]
    # The parts of an outcome by kind of agency may be missing.
    summary: dict[str, Any] = {
        name: None
        if each.parts == BY_KIND
        else dict.fromkeys(each.parts, 1 / len(each.parts))
        if each.parts
        else 1.0
        for name, each in SUMMARY.items()
    }
    summary |= {
        "missed_risk_rate": len(missed) / followed,
        "protected_share": (result == "protected").sum() / followed,
        "self_resolved_share": (result == "self_resolved").sum() / followed,
        "missed_risk_rate_families": 0.7,
        "harm_onsets_per_10k_year": 180.0,
        "harm_spells": len(spells),
        "censored_spells": (result == "censored").sum(),
        "chain_stopped_at": {code: float((missed["stopped_at"] == code).mean()) for code in STOPS},
        "chain_stopped_at_part": {code: float((missed["stopped_at_part"] == code).mean()) for code in STOP_PARTS},
        "contacts_per_10k_year": 1310.0, "contacts_per_referral": 2.6, "referrals_per_10k_year": 503.0,
        "referrals_assessed_share": 0.72, "core_per_initial": 0.42, "s47_per_referral": 0.147,
        "conferences_per_s47": 0.48, "plans_per_conference": 0.89, "plan_stock_per_10k": 24.5,
        "source_share": dict.fromkeys(KINDS, 1 / 6), "referral_ppv": 0.28, "rereferral_share_12m": 0.23,
        "assessed_neither_per_10k_year": 21.0, "falsely_reassured_per_10k_year": 27.0,
        "harm_weeks_per_10k_year": 9022.0, "harm_averted_share": 0.05, "missed_on_file_share": 0.073,
        "pooled_alarms_per_10k_year": 150.0, "pooled_alarm_ppv": 0.66, "protected_strict_share": 0.045,
        "serious_events_per_10k_year": 7.8, "serious_events_after_4_weeks_per_10k_year": 7.0,
        "needless_service_weeks_per_10k_year": 1420.0,
        "utilisation_mean": 0.9, "caseload_mean": 14.2, "turnover_per_year": 0.11, "initial_on_time_share": 0.67,
        "weeks_to_protection_median_reached": None, "cost_gbp_per_unprotected_week_averted": None,
        "cost_gbp_per_child_year": 312.4, "pooling_gbp_per_child_year": 0.0, "pool_participation": 0.0,
        "equity_gap_miss": -3.2, "equity_gap_assessed_neither": 240.0,
        "group_gap_miss": 1.1, "group_gap_assessed_neither": -12.0,
    }  # fmt: skip
    return summary
