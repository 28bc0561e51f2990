"""Sentences and terminal text of planted comparisons, which `answers.md` holds.

`python -m tests.present.golden_answers` writes the file again; read every changed sentence before it is kept.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console
from tests.results.synthetic_comparison import comparison

from cpsim.present.comparison_answer import create_answer, describe_comparison, describe_limits
from cpsim.reach.near import list_near_outcomes
from cpsim.results.comparison import Comparison
from cpsim.scenario.read import load

FILE = Path(__file__).with_name("answers.md")
WIDTH = 80

SCHOOLS = {
    "contacts_by_kind_per_10k_year.school": 410.0,
    "source_share.school": 0.22,
    "weeks_to_message_by_kind.school": 31.0,
    "plan_stock_per_10k": 27.0,
    "plan_months_mean": 9.0,
    "chain_stopped_at.C3": 0.26,
    "chain_stopped_at.C1": 0.31,
    "initial_on_time_share": 0.62,
    "delivery_rate": 0.94,
    "contacts_per_referral": 2.7,
    "turnover_per_year": 0.14,
}
"""Levels under the reference of the outcomes near the arms."""

SHARED_MORE = {
    "contacts_by_kind_per_10k_year.school": 12.0,
    "source_share.school": 0.006,
    "contacts_per_10k_year": 12.0,
}
"""What schools that are bound by a duty do."""

DUTY = {"date": date(2005, 9, 1), "lever": "duty", "kinds": ["school"], "bound": True, "awareness": 0.9}
LETTER = {"date": date(2006, 4, 3), "lever": "ministerial_letter"}
MERGER = {"date": date(2006, 4, 3), "lever": "department_merger"}
PLAN = {"date": date(2006, 4, 3), "lever": "workforce_plan"}


def create(
    events: dict[str, list[dict[str, Any]]],
    changes: dict[str, dict[str, float]],
    settings: dict[str, dict[str, Any]] | None = None,
    **planted: Any,
) -> Comparison:
    """Create a comparison of the shipped scenario `small` with arms that have these events and these changes.

    Args:
        events: arm -> its events.
        changes: arm -> outcome -> change.
        settings: arm -> path -> value.
        **planted: further arguments of `comparison`.
    """
    scenarios = {"small": load("small")}
    for arm, timeline in events.items():
        question = f"What does {arm} change?"
        own = {"timeline": timeline, "question": question, **(settings or {}).get(arm, {})}
        scenarios[arm] = load("small", own)
    near = {arm: list(list_near_outcomes(scenarios[arm], scenarios["small"])) for arm in events}
    dumped = {arm: found.model_dump(mode="python") | {"name": arm} for arm, found in scenarios.items()}
    planted = {"seeds": 10, "prevalences": (None,), "pilot": 10, "exact": True} | planted
    levels = SCHOOLS | planted.pop("levels", {})
    return comparison(list(scenarios), changes=changes, scenarios=dumped, near=near, levels=levels, **planted)


CASES: dict[str, Callable[[], Comparison]] = {
    "Nothing moved": lambda: create({"letter": [LETTER]}, {"letter": {}}),
    "Only what the event touches moved": lambda: create({"bound_schools": [DUTY]}, {"bound_schools": SHARED_MORE}),
    "The primary outcome fell and what the event touches moved": lambda: create(
        {"bound_schools": [DUTY]},
        {
            "bound_schools": SHARED_MORE
            | {"missed_risk_rate": -0.03, "referrals_per_10k_year": 8.0, "initial_per_10k_year": 5.0,
               "protected_per_10k_year": 2.0, "assessed_neither_per_10k_year": 9.0,
               "cost_gbp_per_child_year": 6.0, "unprotected_weeks_share": -0.05}
        },
        prevalences=(None, 0.01, 0.02, 0.04),
    ),
    "The primary outcome rose": lambda: create({"merged": [MERGER]}, {"merged": {"missed_risk_rate": 0.02}}),
    "Cost fell because fewer were served in an overloaded system": lambda: create(
        {"merged": [MERGER]},
        {
            "merged": {"referrals_per_10k_year": -60.0, "initial_per_10k_year": -40.0, "plan_stock_per_10k": -4.0,
                       "assessed_neither_per_10k_year": -30.0, "cost_gbp_per_child_year": -15.0,
                       "utilisation_mean": 0.5}
        },
    ),
    "Both systems are overloaded": lambda: create(
        {"letter": [LETTER]}, {"letter": {}}, levels={"utilisation_mean": 1.4}
    ),
    "The system has broken down": lambda: create(
        {"merged": [MERGER]}, {"merged": {"utilisation_mean": 6.1, "missed_risk_rate": 0.2}}
    ),
    "Equal arms": lambda: create({"planned": [PLAN]}, {}),
    "Few seeds": lambda: create({"letter": [LETTER]}, {"letter": {}}, seeds=4, pilot=None, spread=0.06),
    "One seed": lambda: create({"letter": [LETTER]}, {"letter": {"missed_risk_rate": -0.02}}, seeds=1, pilot=None),
    "The most seeds do not settle the answer": lambda: create(
        {"letter": [LETTER]}, {"letter": {}}, seeds=60, spread=0.15, spells=20
    ),
    "More seeds than in the pilot stage settle the answer": lambda: create(
        {"letter": [LETTER]}, {"letter": {}}, seeds=40, spread=0.02, spells=20
    ),
    "An event is not in play": lambda: create(
        {"bound_schools": [DUTY, PLAN]}, {"bound_schools": SHARED_MORE}
    ),
    "Other children": lambda: create(
        {"crowded": []},
        {"crowded": {"missed_risk_rate": -0.2}},
        {"crowded": {"population.children": 20_000}},
        strangers=["crowded"],
    ),
    "Three arms": lambda: create(
        {"bound_schools": [DUTY], "letter": [LETTER]},
        {"bound_schools": SHARED_MORE | {"missed_risk_rate": -0.03}, "letter": {}},
    ),
    "A primary outcome that the file names": lambda: create(
        {"merged": [MERGER]},
        {"merged": {"assessed_neither_per_10k_year": 9.0}},
        {"merged": {"primary_outcome": "assessed_neither_per_10k_year"}},
        primary="assessed_neither_per_10k_year",
        interest=5.0,
    ),
    "A primary outcome that is no headline": lambda: create(
        {"bound_schools": [DUTY]},
        {"bound_schools": SHARED_MORE},
        {"bound_schools": {"primary_outcome": "contacts_by_kind_per_10k_year.school"}},
        primary="contacts_by_kind_per_10k_year.school",
        interest=10.0,
    ),
}  # fmt: skip
"""Title -> the planted comparison."""


@cache
def create_case(title: str) -> Comparison:
    """Create a planted comparison once."""
    return CASES[title]()


def write_case(title: str) -> str:
    """Write the answers of a planted comparison: all sentences, then the terminal."""
    return "\n".join([f"## {title}", "", *_write_answers(create_case(title))])


def _write_answers(found: Comparison) -> Iterator[str]:
    for arm in found.others:
        answer = create_answer(found, arm)
        if len(found.others) == 1:
            sentences = dict.fromkeys((*answer.sentences, *answer.reach))
            yield from (f"- {sentence}" for sentence in sentences)
    if len(found.others) > 1:
        yield from (f"- {sentence}" for sentence in describe_comparison(found))
    yield ""
    screen = io.StringIO()
    Console(width=WIDTH, file=screen).print(found)
    lines = (line.rstrip() for line in screen.getvalue().splitlines())
    yield from ("```text", *lines, "```", "")


def write_answers() -> str:
    """Write the golden file."""
    first = create_case(next(iter(CASES)))
    limits = [f"- {sentence}" for sentence in describe_limits(first)]
    return "\n".join(["# Answers of planted comparisons", "", *limits, "", *map(write_case, CASES)])


if __name__ == "__main__":
    FILE.write_text(write_answers(), encoding="utf-8", newline="\n")
