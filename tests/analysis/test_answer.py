"""The answer, the note on seeds and the reasons follow from what was planted."""

from dataclasses import replace

import numpy as np
import pytest
from tests.analysis.golden import PLANTED, describe, read_golden
from tests.analysis.studies import (
    ALARMS,
    LISTS,
    MISSES,
    TRUST,
    VACANCIES,
    arm,
    study,
)
from tests.analysis.sweeps import Formula

from cpsim.analysis.answer import answer_question, describe_seeds, explain_drivers
from cpsim.analysis.findings import collect_findings
from cpsim.analysis.reasons import explain_setting
from cpsim.analysis.tones import judge_tone
from cpsim.experiment.definition import Grid
from cpsim.scenario.read import load

EVENTS = [
    {"lever": "budget", "step": 0.0},
    {"date": "2005-04-04", "lever": "links", "kinds": ["school"], "trust_gain": 0.2},
]


@pytest.mark.parametrize("name", PLANTED)
def test_the_sentences_about_planted_sweeps_are_those_of_the_golden_file(name: str) -> None:
    assert describe(PLANTED[name]()) == read_golden()[name], "if intended: python -m tests.analysis.golden"


def test_the_golden_file_has_no_other_sweeps() -> None:
    assert set(read_golden()) == set(PLANTED)


def test_an_answer_has_at_most_two_sizes_each_with_its_interval() -> None:
    for text in read_golden().values():
        answer = text.partition("\n")[0]
        assert answer.endswith(".")
        assert (
            answer.count("would have been seen") + answer.count(" to ") - answer.count("lowest to the") <= 3
        )
        assert answer.count("(") <= 4


def test_more_seeds_turn_few_into_enough() -> None:
    def describe_with(seeds: int) -> str:
        made = study(Grid(), seeds, {"usual": arm(1), "noisy": _shake()}, LISTS)
        return describe_seeds(made, collect_findings(made))

    assert "which are too few: about" in describe_with(3)
    assert describe_with(60).startswith(
        "This rests on 60 seeds, which are enough to see a difference of 1 percentage point"
    )


def _shake() -> dict[str, Formula]:
    """Plan an arm whose misses vary between seeds on their own."""
    usual = arm(1)
    return usual | {
        MISSES: lambda points, draw: usual[MISSES](points, draw) + draw("own").normal(0, 0.02)  # type: ignore[operator]
    }


def test_the_numbers_of_seeds_in_the_note_would_show_the_difference() -> None:
    """With the number of seeds that the note gives, the size that would have been shown is that of interest."""
    made = study(Grid(), 5, {"usual": arm(1), "noisy": _shake()}, LISTS)
    note = describe_seeds(made, collect_findings(made))
    needed = int(note.partition("about ")[2].split()[0])
    values = made.runs.groupby(["arm", "seed"], observed=True)[MISSES].mean().unstack("arm")
    sd = (values["noisy"] - values["usual"]).std()
    from scipy.stats import t

    tests = 1  # the arms differ in no other outcome

    def size(count: int) -> float:
        return sd / np.sqrt(count) * (t.ppf(1 - 0.025 / tests, count - 1) + t.ppf(0.8, count - 1))

    assert size(needed) <= 0.01 < size(needed - 1)


def test_only_seeds_with_finished_runs_count() -> None:
    made = study(Grid(), 12, {"usual": arm(1), "other": arm(2)}, LISTS)
    begun = replace(made, runs=made.runs[made.runs["seed"] <= 3])
    assert describe_seeds(begun, collect_findings(begun)).startswith("This rests on 3 seeds, which are few")


def test_points_that_were_drawn_need_more_points_where_chance_is_between_them() -> None:
    made = PLANTED["an arm backfires, points drawn"]()
    assert "More points rather than more seeds" in describe_seeds(made, collect_findings(made))


@pytest.mark.parametrize(
    ("path", "dial", "step", "first"),
    [
        ("timeline[0].step", "hours for casework", "governance", "vacant posts"),
        ("timeline[1].trust_gain", "trust between agencies", "sharing", "messages delivered"),
    ],
)
def test_a_setting_of_an_event_is_explained_by_its_dial_and_the_step_that_reads_it(
    path: str, dial: str, step: str, first: str
) -> None:
    scenario = load("small", {"timeline": EVENTS}).model_dump()
    reason = explain_setting(path, 0.0, 0.2, scenario)
    assert f"“{dial}”" in reason
    assert f"“{step}”" in reason
    assert first in reason


@pytest.mark.parametrize(
    ("path", "step"),
    [
        ("front_door.referral_threshold", "screening"),
        ("assessment.s47_threshold", "assessment"),
        ("protection.care_threshold", "protection"),
        ("sharing.consult_chance", "sharing"),
        ("network.message_delay_weeks", "delivery"),
        ("workforce.exit_per_year", "governance"),
    ],
)
def test_a_setting_of_a_section_is_explained_by_the_step_that_reads_it(path: str, step: str) -> None:
    assert explain_setting(path, 0.1, 0.2, {}).startswith(f"The step “{step}” reads it")


@pytest.mark.parametrize(
    "path", ["harm.onset_per_year", "population.children", "timeline[7].step", VACANCIES]
)
def test_nothing_is_said_about_a_setting_of_which_nothing_is_known(path: str) -> None:
    assert explain_setting(path, 0.1, 0.2, load("small").model_dump()) == ""


def test_a_lower_cost_is_better_only_if_no_fewer_are_served() -> None:
    made = study(Grid(), 12, {"usual": _serve(400, 200), "cut": _serve(300, 150)}, LISTS)
    table = collect_findings(made).tables["differences"]
    by_outcome = {row["outcome"]: row for row in table.to_dict("records")}
    cost = by_outcome["cost_gbp_per_child_year"]
    assert cost["verdict"] == "lower"
    assert judge_tone(cost, table) == "none"
    served = [*SERVED]
    same = table.assign(verdict=table["verdict"].where(~table["outcome"].isin(served), "no difference shown"))
    assert judge_tone(cost, same) == "better"
    assert judge_tone(cost | {"verdict": "higher"}, table) == "worse"
    assert judge_tone(by_outcome["referrals_per_10k_year"], table) == "none", "neither direction is better"


SERVED = ("referrals_per_10k_year", "in_need_stock_per_10k", "plan_stock_per_10k", "in_care_per_10k")


def _serve(children: float, cost: float) -> dict[str, Formula]:
    """Plan an arm that serves so many children at such a cost."""
    levels = dict.fromkeys(SERVED, children) | {"cost_gbp_per_child_year": cost, MISSES: 0.6}
    return {
        name: (
            lambda points, draw, level=level: level + 0 * points[TRUST] + draw("own").normal(0, level / 100)
        )
        for name, level in levels.items()
    }


def test_a_sweep_without_recorded_settings_gives_effects_without_reasons() -> None:
    made = PLANTED["one setting drives"]()
    with_reason, without = (
        list(explain_drivers(each, collect_findings(each))) for each in (made, replace(made, scenarios={}))
    )
    assert "It turns the dials" in with_reason[0]
    assert "It turns" not in without[0]
    assert "missed risk fell by" in without[0]


def test_an_answer_without_any_headline_is_about_the_first_outcome() -> None:
    made = study(Grid(), 12, {"usual": _count(900), "asked": _count(940)}, LISTS)
    answer = answer_question(made, collect_findings(made))
    assert answer.startswith("Averaged over the points, the front door received 40.7 more contacts a year")
    assert ALARMS not in answer


def _count(level: float) -> dict[str, Formula]:
    return {
        "contacts_per_10k_year": lambda points, draw: (
            level + 0 * points[TRUST] + draw(f"{level}").normal(0, 2)
        )
    }
