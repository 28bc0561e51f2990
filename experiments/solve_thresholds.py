"""Solve once, off line, for the thresholds that reproduce the national funnel of 2005-08.

A controller steps the model and nudges bars, credibility, posts and durations until the flows meet the targets; the values
averaged over the last years are printed, to be frozen in the register and scored on fresh seeds by
`experiments/score_funnel.py`. The shipped model contains no controller: it would cancel every lever.

    python experiments/solve_thresholds.py --seeds 4 [--set path=value ...]
"""

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np

from cpsim.casework.log import Happening
from cpsim.model import ChildProtectionModel
from cpsim.scenario.read import load

REFERRALS_PER_10K = 510.0
CONTACTS_PER_REFERRAL = 2.55
CONTACTS_FROM = {"school": 0.11, "gp": 0.05, "pct": 0.05, "hospital": 0.03, "police": 0.42, "community": 0.34}
"""Share of contacts by kind: a guess, no source gives it."""
REFERRALS_FROM = {"school": 0.14, "gp": 0.05, "pct": 0.055, "hospital": 0.035, "police": 0.25, "community": 0.47}
RATIOS = {"assessment_bar": 0.562, "core_bar": 0.30, "s47_bar": 0.147, "conference_bar": 0.48, "plan_bar": 0.89}
PLAN_WEEKS = 40.5
UTILISATION = 0.9
INITIAL_ON_TIME, CORE_ON_TIME = 0.67, 0.74

_STARTS, _AVERAGED_FROM = 104, 208  # weeks from the start, and before the end of the run


def solve(seed: int, overrides: tuple[str, ...], years: int) -> dict[str, float]:
    """Thresholds by path, averaged over the last four years of a run of `years` judged years."""
    scenario = load("baseline", (*overrides, f"clock.years={years}"))
    model = ChildProtectionModel(scenario, seed=seed, collect=False)
    kinds, size = list(scenario.kinds), scenario.population.children
    per_week = REFERRALS_PER_10K * size / 1e4 / 52
    organisations, teams = model.tables["organisations"], model.tables["teams"]
    bar = np.array([scenario.agencies[kind].share_bar for kind in kinds])
    credibility = np.array([scenario.agencies[kind].credibility for kind in kinds])
    dials: dict[str, float] = {
        path: _get(scenario, path)
        for path in (
            "front_door.referral_bar", "front_door.assessment_bar", "assessment.core_bar", "assessment.s47_bar",
            "assessment.conference_bar", "conference.plan_bar", "protection.plan_close_bar",
            "assessment.initial_days_median", "assessment.core_weeks_median",
        )
    }  # fmt: skip
    capacity = np.ones(2)
    flow: dict[str, Any] = {}
    kept: list[np.ndarray] = []
    contacts_aim = np.array([CONTACTS_FROM[kind] for kind in kinds]) * per_week * CONTACTS_PER_REFERRAL
    referrals_aim = np.array([REFERRALS_FROM[kind] for kind in kinds]) * per_week
    seen = 0
    while model.running:
        model.step()
        events = model.casework.log.events(seen)
        seen = len(model.casework.log)
        what = events.what
        kind = organisations["kind"][events.site]

        def count(*whats: Happening, by_kind: bool = False) -> Any:
            rows = np.isin(what, whats)  # noqa: B023
            return np.bincount(kind[rows], minlength=len(kinds)) if by_kind else int(rows.sum())  # noqa: B023

        finished = {
            name: (int((what == happening).sum()), float(events.value[what == happening].sum()))
            for name, happening in (("initial", Happening.INITIAL_FINISHED), ("core", Happening.CORE_FINISHED))
        }
        now = {
            "contacts": count(Happening.REFERRED, Happening.SCREENED_OUT, by_kind=True).astype(float),
            "referrals": count(Happening.REFERRED, by_kind=True).astype(float),
            "initial": count(Happening.INITIAL_STARTED),
            "core": count(Happening.CORE_STARTED),
            "s47": count(Happening.ENQUIRY_STARTED),
            "conferences": count(Happening.CONFERENCE),
            "plans": count(Happening.PLAN_STARTED),
            "stock": model._samples[model.week - 1, 0],
            "initial_done": finished["initial"][0], "initial_timely": finished["initial"][1],
            "core_done": finished["core"][0], "core_timely": finished["core"][1],
            "load": np.array([teams["utilisation"][teams["role"] == role].mean() for role in (1, 2)]),
        }  # fmt: skip
        flow = {name: 0.02 * value + 0.98 * flow.get(name, value) for name, value in now.items()}
        if model.week < _STARTS:
            continue
        gain = 0.25 / (1 + (model.week - _STARTS) / 60)

        def off(got: Any, aim: Any) -> Any:
            return gain * np.clip(np.log(np.maximum(got, 0.05) / np.maximum(aim, 0.05)), -1, 1)  # noqa: B023

        bar += 0.6 * off(flow["contacts"], contacts_aim)
        credibility -= 0.4 * off(flow["referrals"], referrals_aim)
        credibility -= credibility.mean()
        referrals = flow["referrals"].sum()
        dials["front_door.referral_bar"] += 0.5 * off(referrals, per_week)
        dials["front_door.assessment_bar"] += 0.5 * off(flow["initial"], RATIOS["assessment_bar"] * referrals)
        dials["assessment.core_bar"] += 0.3 * off(flow["core"], RATIOS["core_bar"] * flow["initial"])
        dials["assessment.s47_bar"] += 0.3 * off(flow["s47"], RATIOS["s47_bar"] * referrals)
        dials["assessment.conference_bar"] += 0.3 * off(flow["conferences"], RATIOS["conference_bar"] * flow["s47"])
        dials["conference.plan_bar"] += 0.3 * off(flow["plans"], RATIOS["plan_bar"] * flow["conferences"])
        length = flow["stock"] / max(flow["plans"], 0.05)
        dials["protection.plan_close_bar"] += 0.3 * off(length, PLAN_WEEKS)
        dials["assessment.initial_days_median"] *= np.exp(
            0.3 * gain * (flow["initial_timely"] / max(flow["initial_done"], 0.05) - INITIAL_ON_TIME)
        )
        dials["assessment.core_weeks_median"] *= np.exp(
            0.3 * gain * (flow["core_timely"] / max(flow["core_done"], 0.05) - CORE_ON_TIME)
        )
        capacity *= np.exp(0.3 * gain * np.clip(flow["load"] - UTILISATION, -0.3, 0.3))
        organisations["share_bar"] = bar[organisations["kind"]]
        organisations["credibility"] = credibility[organisations["kind"]]
        for role in (1, 2):
            teams["capacity_factor"][teams["role"] == role] = capacity[role - 1]
        model.settings = model.casework.scenario = _with(scenario, dials)
        if model.week > model.world.weeks - _AVERAGED_FROM:
            kept.append(np.concatenate([bar, credibility, list(dials.values()), capacity]))
    solved = np.mean(kept, axis=0)
    names = [f"agencies.{kind}.share_bar" for kind in kinds] + [f"agencies.{kind}.credibility" for kind in kinds]
    answer = dict(zip([*names, *dials], solved[: -2].tolist(), strict=True))
    for name, factor in zip(("assessment", "long_term"), solved[-2:], strict=True):
        path = f"workforce.{name}_posts_per_10k"
        answer[path] = _get(scenario, path) * float(factor)
    return answer


def _get(scenario: Any, path: str) -> float:
    for name in path.split("."):
        scenario = getattr(scenario, name)
    return float(scenario)


def _with(scenario: Any, dials: dict[str, float]) -> Any:
    sections: dict[str, dict[str, float]] = {}
    for path, value in dials.items():
        section, name = path.split(".")
        sections.setdefault(section, {})[name] = float(value)
    return scenario.model_copy(
        update={name: getattr(scenario, name).model_copy(update=values) for name, values in sections.items()}
    )


def main() -> None:
    """Solve on several seeds and print the mean of each threshold as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=4, help="number of seeds, from 1001 on")
    parser.add_argument("--years", type=int, default=10, help="judged years of the run in which the controller works")
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="PATH=VALUE")
    chosen = parser.parse_args()
    seeds = range(1001, 1001 + chosen.seeds)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        answers = list(pool.map(solve, seeds, [tuple(chosen.overrides)] * len(seeds), [chosen.years] * len(seeds)))
    mean = {path: float(np.mean([answer[path] for answer in answers])) for path in answers[0]}
    spread = {path: float(np.std([answer[path] for answer in answers])) for path in answers[0]}
    print(json.dumps({path: round(value, 4) for path, value in mean.items()}, indent=1))
    worst = max(spread, key=lambda path: spread[path])
    print(f"largest spread over seeds: {worst} {spread[worst]:.3f}")


if __name__ == "__main__":
    main()
