"""Solve once, off line, for the thresholds that reproduce the national funnel of 2005-08.

A controller steps the model and nudges thresholds, credibility, posts and durations until the flows meet the targets. The
values averaged over the last years are printed, to be frozen in the register and scored on fresh seeds by
`experiments/score_funnel.py`. The shipped model contains no controller: it would cancel every lever.

    python experiments/solve_thresholds.py --seeds 4 [--set path=value ...]
"""

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np

from cpsim.arrays import Floats
from cpsim.casework.log import Occurrence
from cpsim.model import ChildProtectionModel
from cpsim.scenario.read import load
from cpsim.scenario.schema import Scenario

REFERRALS_PER_10K = 492.0
CONTACTS_PER_REFERRAL = 2.55
CONTACTS_FROM = {"school": 0.11, "gp": 0.05, "pct": 0.05, "hospital": 0.03, "police": 0.42, "community": 0.34}
"""Share of contacts by kind: a guess, no source gives it."""
REFERRALS_FROM = {
    "school": 0.14,
    "gp": 0.05,
    "pct": 0.055,
    "hospital": 0.035,
    "police": 0.25,
    "community": 0.47,
}
INITIAL_PER_REFERRAL, CORE_PER_INITIAL, ENQUIRIES_PER_REFERRAL = 0.562, 0.30, 0.147
CONFERENCES_PER_ENQUIRY, PLANS_PER_CONFERENCE, PLAN_WEEKS = 0.48, 0.89, 40.5
UTILISATION = 0.9
INITIAL_ON_TIME, CORE_ON_TIME = 0.67, 0.74

BARS = (
    "front_door.referral_threshold",
    "front_door.assessment_threshold",
    "assessment.core_threshold",
    "assessment.s47_threshold",
    "assessment.conference_threshold",
    "conference.plan_threshold",
    "protection.plan_closure_threshold",
)
DURATIONS = ("assessment.initial_days_median", "assessment.core_weeks_median")

_STARTS, _AVERAGED = 104, 208  # weeks from the start; last weeks of the run
_MEMORY = 0.02  # weekly weight of what is new in a smoothed flow


class Controller:
    """Nudges the thresholds of a model that is being stepped."""

    def __init__(self, model: ChildProtectionModel) -> None:
        self.model, self.scenario = model, model.settings
        self.kinds = list(self.scenario.kinds)
        self.threshold = np.array([self.scenario.agencies[kind].share_threshold for kind in self.kinds])
        self.credibility = np.array([self.scenario.agencies[kind].credibility for kind in self.kinds])
        self.dials = {path: _get(self.scenario, path) for path in (*BARS, *DURATIONS)}
        self.capacity = np.ones(2)
        self.kept: list[Floats] = []
        self._flow: dict[str, Any] = {}
        referrals = REFERRALS_PER_10K * self.scenario.population.children / 1e4 / 52
        self._referrals = np.array([REFERRALS_FROM[kind] for kind in self.kinds]) * referrals
        self._contacts = (
            np.array([CONTACTS_FROM[kind] for kind in self.kinds]) * referrals * CONTACTS_PER_REFERRAL
        )

    def observe(self) -> None:
        """Smooth the flows of the week that has just been stepped."""
        model, log, week = self.model, self.model.casework.log, self.model.week - 1

        def happened(what: int) -> Any:
            return log.of(what, since=week)

        referred, screened_out = happened(Occurrence.REFERRED), happened(Occurrence.SCREENED_OUT)
        kind = model.tables["organisations"]["kind"]
        by_kind = [np.bincount(kind[of.site], minlength=len(self.kinds)) for of in (referred, screened_out)]
        initial, core = happened(Occurrence.INITIAL_FINISHED), happened(Occurrence.CORE_FINISHED)
        teams = model.tables["teams"]
        now = {
            "contacts": by_kind[0] + by_kind[1],
            "referrals": by_kind[0],
            "initial": len(happened(Occurrence.INITIAL_STARTED).week),
            "core": len(happened(Occurrence.CORE_STARTED).week),
            "enquiries": len(happened(Occurrence.ENQUIRY_STARTED).week),
            "conferences": len(happened(Occurrence.CONFERENCE).week),
            "plans": len(happened(Occurrence.PLAN_STARTED).week),
            "on_plan": int((model.casework.records.status[model.casework.served] == 8).sum()),
            "initial_finished": len(initial.week),
            "initial_on_time": float(initial.value.sum()),
            "core_finished": len(core.week),
            "core_on_time": float(core.value.sum()),
            "load": np.array([teams["utilisation"][teams["role"] == role].mean() for role in (1, 2)]),
        }
        self._flow = {
            name: _MEMORY * value + (1 - _MEMORY) * self._flow.get(name, value) for name, value in now.items()
        }

    def nudge(self) -> None:
        """Move every threshold against its error, less and less as time goes on, and keep the last years' values."""
        flow, gain = self._flow, 0.25 / (1 + (self.model.week - _STARTS) / 60)

        def off(got: Any, aim: Any) -> Any:
            return gain * np.clip(np.log(np.maximum(got, 0.05) / np.maximum(aim, 0.05)), -1, 1)

        referrals = flow["referrals"].sum()
        self.threshold += 0.6 * off(flow["contacts"], self._contacts)
        self.credibility -= 0.4 * off(flow["referrals"], self._referrals)
        self.credibility -= self.credibility.mean()
        too_many = {
            "front_door.referral_threshold": 0.5 * off(referrals, self._referrals.sum()),
            "front_door.assessment_threshold": 0.5 * off(flow["initial"], INITIAL_PER_REFERRAL * referrals),
            "assessment.core_threshold": 0.3 * off(flow["core"], CORE_PER_INITIAL * flow["initial"]),
            "assessment.s47_threshold": 0.3 * off(flow["enquiries"], ENQUIRIES_PER_REFERRAL * referrals),
            "assessment.conference_threshold": 0.3
            * off(flow["conferences"], CONFERENCES_PER_ENQUIRY * flow["enquiries"]),
            "conference.plan_threshold": 0.3 * off(flow["plans"], PLANS_PER_CONFERENCE * flow["conferences"]),
            "protection.plan_closure_threshold": 0.3
            * off(flow["on_plan"] / max(flow["plans"], 0.05), PLAN_WEEKS),
        }
        for path, step in too_many.items():
            self.dials[path] += step
        for path, name, aim in zip(
            DURATIONS, ("initial", "core"), (INITIAL_ON_TIME, CORE_ON_TIME), strict=True
        ):
            on_time = flow[f"{name}_on_time"] / max(flow[f"{name}_finished"], 0.05)
            self.dials[path] *= float(np.exp(0.3 * gain * (on_time - aim)))
        self.capacity *= np.exp(0.3 * gain * np.clip(flow["load"] - UTILISATION, -0.3, 0.3))
        self._turn()
        if self.model.week > self.model.world.weeks - _AVERAGED:
            self.kept.append(
                np.concatenate([self.threshold, self.credibility, list(self.dials.values()), self.capacity])
            )

    def _turn(self) -> None:
        organisations, teams = self.model.tables["organisations"], self.model.tables["teams"]
        organisations["share_threshold"] = self.threshold[organisations["kind"]]
        organisations["credibility"] = self.credibility[organisations["kind"]]
        for role in (1, 2):
            teams["capacity_factor"][teams["role"] == role] = self.capacity[role - 1]
        self.model.settings = self.model.casework.scenario = _with(self.scenario, self.dials)

    def answer(self) -> dict[str, float]:
        """The values by path, averaged over the last years."""
        solved = np.mean(self.kept, axis=0)
        names = [
            f"agencies.{kind}.{what}" for what in ("share_threshold", "credibility") for kind in self.kinds
        ]
        answer = dict(zip([*names, *self.dials], solved[:-2].tolist(), strict=True))
        for name, factor in zip(("assessment", "long_term"), solved[-2:], strict=True):
            path = f"workforce.{name}_posts_per_10k"
            answer[path] = _get(self.scenario, path) * float(factor)
        return answer


def solve(seed: int, overrides: tuple[str, ...], years: int) -> dict[str, float]:
    """Thresholds by path, from a run of `years` judged years on one seed."""
    model = ChildProtectionModel(
        load("baseline", (*overrides, f"clock.years={years}")), seed=seed, collect=False
    )
    controller = Controller(model)
    while model.running:
        model.step()
        controller.observe()
        if model.week >= _STARTS:
            controller.nudge()
    return controller.answer()


def _get(scenario: Any, path: str) -> float:
    for name in path.split("."):
        scenario = getattr(scenario, name)
    return float(scenario)


def _with(scenario: Scenario, dials: dict[str, float]) -> Scenario:
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
    parser.add_argument(
        "--years", type=int, default=8, help="judged years of the run in which the controller works"
    )
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="PATH=VALUE")
    chosen = parser.parse_args()
    seeds = range(1001, 1001 + chosen.seeds)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        answers = list(
            pool.map(solve, seeds, [tuple(chosen.overrides)] * len(seeds), [chosen.years] * len(seeds))
        )
    mean = {path: float(np.mean([answer[path] for answer in answers])) for path in answers[0]}
    spread = {path: float(np.std([answer[path] for answer in answers])) for path in answers[0]}
    print(json.dumps({path: round(value, 4) for path, value in mean.items()}, indent=1))
    worst = max(spread, key=lambda path: spread[path])
    print(f"largest spread over seeds: {worst} {spread[worst]:.3f}")


if __name__ == "__main__":
    main()
