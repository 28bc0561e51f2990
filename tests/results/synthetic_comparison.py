"""A plausible comparison made without the model: two policies on the children of six seeds, with consistent numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
from tests.results.synthetic import KINDS

from cpsim.comparison.differences import (
    Families,
    compute_differences,
    compute_prices,
    count_flows,
    count_turns,
)
from cpsim.draws import generator
from cpsim.measures.outcomes.registry import BY_KIND
from cpsim.results.comparison import Comparison
from cpsim.results.comparison_tables import COMPARISON_TABLES
from cpsim.results.names import STOPS, SUMMARY
from cpsim.results.run_result import describe_environment

ARMS = ("small", "duty_complete", "pooled_budget")
"""The second protects more and assesses more families; the third has no difference that six seeds can show."""

CHANGES = {
    "duty_complete": {"missed_risk_rate": -0.08, "contacts_by_kind_per_10k_year.school": 12.0,
                      "contacts_per_10k_year": 12.0, "referrals_per_10k_year": 4.0, "initial_per_10k_year": 3.0,
                      "assessed_neither_per_10k_year": 40.0, "utilisation_mean": 0.06,
                      "cost_gbp_per_child_year": 14.0, "unprotected_weeks_share": -0.05},
    "pooled_budget": {"missed_risk_rate": 0.0, "assessed_neither_per_10k_year": 0.5},
}  # fmt: skip
PRIMARY = "missed_risk_rate"
NEAR = {
    "duty_complete": ["contacts_by_kind_per_10k_year.school", "source_share.school"],
    "pooled_budget": ["plan_stock_per_10k"],
}
"""Outcomes that the arms touch directly."""

MEANS = {
    "missed_risk_rate": 0.55, "missed_risk_rate_4w": 0.72, "missed_risk_rate_26w": 0.48, "missed_risk_rate_52w": 0.41,
    "protected_share": 0.3, "self_resolved_share": 0.15, "unprotected_weeks_share": 0.6,
    "serious_events_after_4_weeks_per_10k_year": 4.0, "weeks_to_protection_median_reached": 21.0,
    "missed_on_file_share": 0.073, "pooled_alarms_per_10k_year": 150.0, "pooled_alarm_ppv": 0.66,
    "protected_strict_share": 0.045, "harm_weeks_per_10k_year": 9022.0, "harm_averted_share": 0.05,
    "falsely_reassured_per_10k_year": 27.0, "utilisation_mean": 0.92,
    "assessed_neither_per_10k_year": 214.0, "needless_service_weeks_per_10k_year": 1420.0, "referral_ppv": 0.28,
    "caseload_mean": 14.2, "vacancy_share": 0.09, "cost_gbp_per_child_year": 312.0, "equity_gap_miss": -3.2,
    "equity_gap_assessed_neither": 240.0, "contacts_per_10k_year": 1500.0, "referrals_per_10k_year": 560.0,
    "initial_per_10k_year": 330.0, "s47_per_10k_year": 80.0, "conferences_per_10k_year": 40.0,
    "plans_per_10k_year": 35.0, "protected_per_10k_year": 25.0, "contacts_by_kind_per_10k_year.school": 410.0,
    "unprotected_child_weeks": 9_000.0, "cost_gbp": 15e6,
}  # fmt: skip
FATES = ("protected", "self_resolved", "censored", *STOPS)
CHANCES = (0.28, 0.14, 0.02, 0.02, 0.05, 0.05, 0.15, 0.06, 0.15, 0.02, 0.04, 0.01, 0.01)


def comparison(
    arms: Sequence[str] = ARMS,
    seeds: int = 6,
    prevalences: tuple[float | None, ...] = (None, 0.01, 0.02, 0.04),
    spells: int = 300,
    *,
    changes: Mapping[str, Mapping[str, float]] = CHANGES,
    levels: Mapping[str, float] | None = None,
    spread: float = 0.004,
    exact: bool = False,
    scenarios: Mapping[str, dict[str, Any]] | None = None,
    near: Mapping[str, list[str]] = NEAR,
    strangers: Sequence[str] = (),
    primary: str = PRIMARY,
    interest: float = SUMMARY[PRIMARY].interest,
    pilot: int | None = None,
) -> Comparison:
    """Create a comparison with planted changes.

    Args:
        arms: names of the arms, the reference first.
        seeds: number of seeds.
        prevalences: see `Comparison`.
        spells: number of spells of harm in each seed.
        changes: arm -> outcome -> change; an arm that is not in it is identical to the reference.
        levels: outcome -> mean under the reference, where it is not that of `MEANS`.
        spread: standard deviation between seeds of what an arm changes, as a share of the level.
        exact: whether the means over seeds differ by exactly the changes, instead of by a draw around them.
        scenarios: arm -> its settings; by default some without a timeline.
        near: arm -> outcomes near it.
        strangers: arms with other children than the reference.
        primary: name of the primary outcome.
        interest: its smallest difference of interest.
        pilot: number of pilot seeds; None if the number of seeds was fixed.
    """
    every_seed = tuple(range(1, seeds + 1))
    runs = _create_runs(
        arms, every_seed, prevalences, changes, MEANS | dict(levels or {}), spread, exact, strangers
    )
    children = _create_children(arms, every_seed, spells, changes)
    children = children[~children["arm"].isin(list(strangers))]
    near = {arm: near.get(arm, []) for arm in arms[1:]}
    same_children = [arm for arm in arms[1:] if arm not in strangers]
    return Comparison(
        arms=tuple(arms),
        scenarios={arm: (scenarios or {}).get(arm) or _create_scenario(arm) for arm in arms},
        pairing={arm: "seed" if arm in strangers else "harm" for arm in arms[1:]},
        seeds=every_seed,
        prevalences=prevalences,
        runs=runs,
        primary=primary,
        interest=interest,
        pilot=pilot,
        near=near,
        differences=compute_differences(runs, arms, Families(primary, near, pilot), strangers),
        children=children,
        flows=count_flows(children, same_children, every_seed),
        turns=count_turns(children, same_children, every_seed),
        prices=compute_prices(runs, [arms[0], *same_children]),
        provenance=describe_environment(datetime(2026, 1, 5, 12, tzinfo=UTC), 99.5),
    )


def _create_scenario(arm: str) -> dict[str, Any]:
    return {
        "name": arm,
        "question": f"What does {arm} change?",
        "clock": {"start": date(2005, 4, 1), "years": 5, "warm_up_years": 18},
        "timeline": [],
    }


def _create_runs(
    arms: Sequence[str],
    seeds: tuple[int, ...],
    prevalences: tuple[float | None, ...],
    changes: Mapping[str, Mapping[str, float]],
    levels: Mapping[str, float],
    spread: float,
    exact: bool,
    strangers: Sequence[str],
) -> pd.DataFrame:
    names = [
        name.replace("<kind>", "")
        for name in COMPARISON_TABLES["runs"]
        if name not in ("prevalence", "arm", "seed")
    ]
    outcomes = [name for name in names if not name.endswith(".")] + [
        f"{name}.{kind}" for name, outcome in SUMMARY.items() if outcome.parts == BY_KIND for kind in KINDS
    ]
    means = np.array([levels.get(name, 0.1) for name in outcomes])
    rows = []
    for prevalence in prevalences:
        more = 1 if prevalence is None else prevalence / 0.015
        for arm in arms:
            children = f"children {prevalence}{f' of {arm}' if arm in strangers else ''}"
            of_children = means * _draw_noise(0.03, children, outcomes, len(seeds), mean=1)
            change = changes.get(arm, {})
            noise = _draw_noise(spread, f"{arm} {prevalence}", outcomes, len(seeds))
            if exact:
                noise = noise - noise.mean(axis=0)
            if arm not in changes:
                noise = np.zeros_like(noise)
            values = (
                of_children + noise * means + np.array([change.get(name, 0.0) for name in outcomes]) * more
            )
            if "unprotected_weeks_share" in change:
                values[:, outcomes.index("unprotected_child_weeks")] -= 700 * more
                values[:, outcomes.index("cost_gbp")] += 7e5 * more
            rows.append(
                pd.DataFrame(values, columns=outcomes).assign(prevalence=prevalence, arm=arm, seed=seeds)
            )
    return pd.concat(rows, ignore_index=True).astype({"prevalence": "float64"})


def _draw_noise(
    spread: float, key: str, outcomes: Sequence[str], seeds: int, mean: float = 0
) -> np.ndarray[Any, Any]:
    """Draw normal numbers, shape (seeds, outcomes), from a generator for each outcome: a new one shifts no other."""
    columns = [generator(7, f"{name} {key}").normal(mean, spread, seeds) for name in outcomes]
    return np.column_stack(columns)


def _create_children(
    arms: Sequence[str], seeds: tuple[int, ...], spells: int, changes: Mapping[str, Mapping[str, float]]
) -> pd.DataFrame:
    rows = []
    for seed in seeds:
        before = generator(seed, "before").choice(FATES, spells, p=CHANCES)
        delay = pd.Series(generator(seed, "delay").integers(0, 60, spells), dtype="Int32").mask(
            pd.Series(generator(seed, "delay is known").random(spells) > 0.4)
        )
        about = {
            "seed": seed,
            "child": generator(seed, "child").choice(20_000, spells, replace=False),
            "onset": generator(seed, "onset").integers(0, 260, spells),
            "severity": generator(seed, "severity").lognormal(0.3, 0.3, spells),
            "age_years": generator(seed, "age_years").random(spells) * 18,
            "decile": generator(seed, "decile").integers(1, 11, spells),
            "before": before,
            "delay_before": delay,
        }
        for arm in arms[1:]:
            after, sooner = before.copy(), delay.copy()
            if arm in changes:
                reaches = changes[arm].get(PRIMARY, 0) < 0
                missed, protected = np.isin(before, list(STOPS)), before == "protected"
                share = 0.2 if reaches else 0.02
                after[missed & (generator(seed, f"newly reached in {arm}").random(spells) < share)] = (
                    "protected"
                )
                after[protected & (generator(seed, f"newly missed in {arm}").random(spells) < 0.05)] = "C6"
                sooner = (delay - 2).clip(lower=0) if reaches else delay
            rows.append(pd.DataFrame({**about, "arm": arm, "after": after, "delay_after": sooner}))
    return pd.concat(rows, ignore_index=True)
