"""Synthetic studies on the points of an experiment's design, with known effects of each arm."""

import json
from collections.abc import Mapping

import pandas as pd
from tests.analysis.sweeps import Draw, Formula, build_runs, draw_chance

from cpsim.analysis.findings import Study
from cpsim.experiment.definition import Definition, Design
from cpsim.experiment.designs import build_points_table
from cpsim.experiment.variation import Range, Values, Variation
from cpsim.scenario.read import load

MISSES, ALARMS, MONEY = "missed_risk_rate", "assessed_neither_per_10k_year", "cost_gbp_per_child_year"
TRUST, VACANCIES = "network.trust_start", "workforce.vacancy_share"
RANGES: dict[str, Variation] = {
    TRUST: Range.model_validate({"from": 0.2, "to": 0.6}),
    VACANCIES: Range.model_validate({"from": 0.0, "to": 0.4}),
}
LISTS: dict[str, Variation] = {TRUST: Values((0.2, 0.4, 0.6)), VACANCIES: Values((0.0, 0.2))}


def arm(
    arm_number: int, *, fewer_missed: float = 0.0, alarms: float = 0.0, backfires: float = 0.0
) -> dict[str, Formula]:
    """Make an arm: trust lowers misses, vacancies raise them and save money; it may backfire if trust is low."""

    def misses(points: pd.DataFrame, draw: Draw) -> object:
        weak = (points[TRUST] < 0.35) & (points[VACANCIES] > 0.2)
        level = 0.6 - 0.3 * points[TRUST] + 0.2 * points[VACANCIES] - fewer_missed + backfires * weak
        return level + draw_chance(points, draw, arm_number, 0.05, 0.004)

    def false_alarms(points: pd.DataFrame, draw: Draw) -> object:
        return 60 + alarms + draw_chance(points, draw, arm_number, 5, 0.5)

    def money(points: pd.DataFrame, draw: Draw) -> object:
        return 200 - 100 * points[VACANCIES] + draw_chance(points, draw, arm_number, 5, 0.2)

    return {MISSES: misses, ALARMS: false_alarms, MONEY: money}


ARMS = {
    "as_it_was": arm(1),
    "asked": arm(2),
    "bound": arm(3, fewer_missed=0.03, alarms=8, backfires=0.1),
}


def study(
    design: Design,
    seeds: int = 4,
    arms: Mapping[str, Mapping[str, Formula]] = ARMS,
    vary: Mapping[str, Variation] = RANGES,
    scenario: Mapping[str, object] | None = None,
) -> Study:
    """Make a study of some arms; all of them have the settings of `scenario`, if it is given."""
    definition = Definition(
        name="duty | trust",
        question="Does a duty help when trust is low?",
        design=design,
        vary=dict(vary),
        seeds=seeds,
        outcomes=(MISSES, ALARMS, MONEY),
    )
    points = build_points_table(
        definition, kinds=dict.fromkeys(vary, "number"), base=dict.fromkeys(vary, 0.2)
    )
    scenarios = dict.fromkeys(arms, scenario) if scenario else {}
    return Study(build_runs(points, seeds, arms), definition, scenarios=scenarios)


def build_manifest(made: Study) -> dict[str, object]:
    """Return what the folder of such a study would record about it."""
    settings = json.loads(load("small").model_dump_json())
    return {
        "code": {"version": "0.1.0", "sha256": 64 * "0"},
        "decides": {"arms": dict.fromkeys(made.arms, settings)},
    }
