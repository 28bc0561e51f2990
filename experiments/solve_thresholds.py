"""Solve for the thresholds that reproduce the national funnel of 2005-08.

A controller steps the model and adjusts thresholds, credibility, posts and durations until the flows meet the targets.
The values, averaged over the last years, are printed. They go into the register of parameters and are checked on fresh
seeds with `experiments/score_funnel.py`. The shipped model contains no controller, which would cancel every lever.

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
from cpsim.casework.state import Status
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.scenario.read import load
from cpsim.scenario.schema import Scenario
from cpsim.simulation import Simulation

REFERRALS_PER_10K = 492.0
CONTACTS_PER_REFERRAL = 2.55
CONTACTS_FROM = {"school": 0.11, "gp": 0.05, "pct": 0.05, "hospital": 0.03, "police": 0.42, "community": 0.34}
"""Share of contacts by kind of agency: a guess, since no source gives it."""
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

THRESHOLDS = (
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
_MEMORY = 0.02  # weight of the present week in a smoothed flow


class Controller:
    """Adjusts the thresholds of a model while it runs."""

    def __init__(self, model: Simulation) -> None:
        self.model, self.scenario = model, model.settings
        self.kinds = list(self.scenario.kinds)
        self.threshold = np.array([self.scenario.agencies[kind].share_threshold for kind in self.kinds])
        self.credibility = np.array([self.scenario.agencies[kind].credibility for kind in self.kinds])
        self.dials = {path: _read_setting(self.scenario, path) for path in (*THRESHOLDS, *DURATIONS)}
        self.capacity = np.ones(2)
        self.recorded: list[Floats] = []
        self._flow: dict[str, Any] = {}
        referrals = REFERRALS_PER_10K * self.scenario.population.children / 1e4 / WEEKS_PER_YEAR
        self._referrals = np.array([REFERRALS_FROM[kind] for kind in self.kinds]) * referrals
        self._contacts = (
            np.array([CONTACTS_FROM[kind] for kind in self.kinds]) * referrals * CONTACTS_PER_REFERRAL
        )

    def observe(self) -> None:
        """Add the week that was just simulated to the smoothed flows."""
        model, log, week = self.model, self.model.casework.log, self.model.week - 1

        def select_events(occurrence: int) -> Any:
            return log.select(occurrence, since=week)

        referred, screened_out = select_events(Occurrence.REFERRED), select_events(Occurrence.SCREENED_OUT)
        kind = model.tables["organisations"]["kind"]
        by_kind = [
            np.bincount(kind[events.site], minlength=len(self.kinds)) for events in (referred, screened_out)
        ]
        initial, core = select_events(Occurrence.INITIAL_FINISHED), select_events(Occurrence.CORE_FINISHED)
        teams = model.tables["teams"]
        now = {
            "contacts": by_kind[0] + by_kind[1],
            "referrals": by_kind[0],
            "initial": len(select_events(Occurrence.INITIAL_STARTED).week),
            "core": len(select_events(Occurrence.CORE_STARTED).week),
            "enquiries": len(select_events(Occurrence.ENQUIRY_STARTED).week),
            "conferences": len(select_events(Occurrence.CONFERENCE).week),
            "plans": len(select_events(Occurrence.PLAN_STARTED).week),
            "on_plan": int(
                (model.casework.records.status[model.casework.receiving_services] == Status.PLAN).sum()
            ),
            "initial_finished": len(initial.week),
            "initial_on_time": float(initial.value.sum()),
            "core_finished": len(core.week),
            "core_on_time": float(core.value.sum()),
            "load": np.array([teams["utilisation"][teams["role"] == role].mean() for role in (1, 2)]),
        }
        self._flow = {
            name: _MEMORY * value + (1 - _MEMORY) * self._flow.get(name, value) for name, value in now.items()
        }

    def adjust(self) -> None:
        """Move every threshold against its error, in ever smaller steps, and record the values of the last years."""
        flow, gain = self._flow, 0.25 / (1 + (self.model.week - _STARTS) / 60)

        def relative_error(value: Any, target: Any) -> Any:
            return gain * np.clip(np.log(np.maximum(value, 0.05) / np.maximum(target, 0.05)), -1, 1)

        referrals = flow["referrals"].sum()
        self.threshold += 0.6 * relative_error(flow["contacts"], self._contacts)
        self.credibility -= 0.4 * relative_error(flow["referrals"], self._referrals)
        self.credibility -= self.credibility.mean()
        steps = {
            "front_door.referral_threshold": 0.5 * relative_error(referrals, self._referrals.sum()),
            "front_door.assessment_threshold": 0.5
            * relative_error(flow["initial"], INITIAL_PER_REFERRAL * referrals),
            "assessment.core_threshold": 0.3
            * relative_error(flow["core"], CORE_PER_INITIAL * flow["initial"]),
            "assessment.s47_threshold": 0.3
            * relative_error(flow["enquiries"], ENQUIRIES_PER_REFERRAL * referrals),
            "assessment.conference_threshold": 0.3
            * relative_error(flow["conferences"], CONFERENCES_PER_ENQUIRY * flow["enquiries"]),
            "conference.plan_threshold": 0.3
            * relative_error(flow["plans"], PLANS_PER_CONFERENCE * flow["conferences"]),
            "protection.plan_closure_threshold": 0.3
            * relative_error(flow["on_plan"] / max(flow["plans"], 0.05), PLAN_WEEKS),
        }
        for path, step in steps.items():
            self.dials[path] += step
        for path, name, target in zip(
            DURATIONS, ("initial", "core"), (INITIAL_ON_TIME, CORE_ON_TIME), strict=True
        ):
            on_time = flow[f"{name}_on_time"] / max(flow[f"{name}_finished"], 0.05)
            self.dials[path] *= float(np.exp(0.3 * gain * (on_time - target)))
        self.capacity *= np.exp(0.3 * gain * np.clip(flow["load"] - UTILISATION, -0.3, 0.3))
        self._apply()
        if self.model.week > self.model.world.weeks - _AVERAGED:
            self.recorded.append(
                np.concatenate([self.threshold, self.credibility, list(self.dials.values()), self.capacity])
            )

    def _apply(self) -> None:
        organisations, teams = self.model.tables["organisations"], self.model.tables["teams"]
        organisations["share_threshold"] = self.threshold[organisations["kind"]]
        organisations["credibility"] = self.credibility[organisations["kind"]]
        for role in (1, 2):
            teams["capacity_factor"][teams["role"] == role] = self.capacity[role - 1]
        self.model.settings = self.model.casework.scenario = _replace_settings(self.scenario, self.dials)

    def average_values(self) -> dict[str, float]:
        """Average the recorded values, by path of the setting."""
        solved = np.mean(self.recorded, axis=0)
        names = [
            f"agencies.{kind}.{setting}"
            for setting in ("share_threshold", "credibility")
            for kind in self.kinds
        ]
        values = dict(zip([*names, *self.dials], solved[:-2].tolist(), strict=True))
        for name, factor in zip(("assessment", "long_term"), solved[-2:], strict=True):
            path = f"workforce.{name}_posts_per_10k"
            values[path] = _read_setting(self.scenario, path) * float(factor)
        return values


def solve(seed: int, overrides: tuple[str, ...], years: int) -> dict[str, float]:
    """Solve for the thresholds in a run of `years` evaluated years on one seed; return them by path."""
    model = Simulation(load("baseline", (*overrides, f"clock.years={years}")), seed=seed)
    controller = Controller(model)
    while model.running:
        model.step()
        controller.observe()
        if model.week >= _STARTS:
            controller.adjust()
    return controller.average_values()


def _read_setting(scenario: Any, path: str) -> float:
    for name in path.split("."):
        scenario = getattr(scenario, name)
    return float(scenario)


def _replace_settings(scenario: Scenario, dials: dict[str, float]) -> Scenario:
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
    parser.add_argument("--seeds", type=int, default=4, help="number of seeds, starting with 1001")
    parser.add_argument(
        "--years", type=int, default=8, help="evaluated years of the run in which the controller works"
    )
    parser.add_argument("--set", dest="overrides", action="append", default=[], metavar="PATH=VALUE")
    arguments = parser.parse_args()
    seeds = range(1001, 1001 + arguments.seeds)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        answers = list(
            pool.map(solve, seeds, [tuple(arguments.overrides)] * len(seeds), [arguments.years] * len(seeds))
        )
    mean = {path: float(np.mean([answer[path] for answer in answers])) for path in answers[0]}
    spread = {path: float(np.std([answer[path] for answer in answers])) for path in answers[0]}
    print(json.dumps({path: round(value, 4) for path, value in mean.items()}, indent=1))
    worst = max(spread, key=lambda path: spread[path])
    print(f"largest SD over seeds: {worst} {spread[worst]:.3f}")


if __name__ == "__main__":
    main()
