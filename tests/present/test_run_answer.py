"""The first sentences of a run, for planted results: the page and the terminal begin with them."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pandas as pd
import pytest
from tests.present.examples import resolve_scenario
from tests.present.pages import extract_text
from tests.results.synthetic import run_result

from cpsim.plot import cascade
from cpsim.present.display import format_as_text
from cpsim.present.load import BROKEN_DOWN, OVERLOADED
from cpsim.present.run_answer import (
    CompareLine,
    asks_for_change,
    count_by_stop,
    create_answer,
    describe_stops,
    format_run_outcome,
)
from cpsim.present.run_findings import describe_cascade
from cpsim.present.run_page import render_run_page
from cpsim.present.run_terminal import format_run
from cpsim.results import RunResult
from cpsim.scenario.sources import find_shipped_scenarios

DUTY = {"date": date(2006, 4, 3), "lever": "duty", "kinds": ["school"], "bound": True, "awareness": 0.45}


def plant(
    missed: int = 700, protected: int = 300, censored: int = 0, hours: float = 0.9, **changes: Any
) -> RunResult:
    """Create a run of two years with so many spells of each result, so many hours demanded, and other settings."""
    number = missed + protected + censored
    whole = run_result(years=2, spells=max(number, 1))
    results = ["missed"] * missed + ["protected"] * protected + ["censored"] * censored
    spells = whole.spells.iloc[:number].assign(
        **{f"result_{weeks}w": results for weeks in (4, 13, 26, 52)},
        stopped_at=["C1"] * missed + [None] * (number - missed),
        stopped_at_part=["C1a"] * missed + [None] * (number - missed),
    )
    scenario = whole.scenario | {"name": "mine", "question": None, "timeline": []} | changes
    followed = missed + protected
    summary = whole.summary | {
        "utilisation_mean": hours,
        "missed_risk_rate": missed / followed if followed else None,
    }
    return RunResult(**{**vars(whole), "spells": spells, "scenario": scenario, "summary": summary})


OF_1000 = "Of 1,000 spells of significant harm that began in two years, 70% were missed."
BROKEN = (
    "The system has broken down: 7.00 hours of work are demanded for each hour available, so its other figures "
    "describe a system that could not exist."
)
LINE = CompareLine("small", "mine.yaml")


@pytest.mark.parametrize(
    ("create", "sentences"),
    [
        (partial(plant), [OF_1000]),
        (partial(plant, 0, 0), ["No child came to significant harm in two years, so none could be missed."]),
        (
            partial(plant, 0, 0, 3),
            ["No spell of significant harm that began in two years could be followed to its deadline."],
        ),
        (partial(plant, 0, 1000), ["None of 1,000 spells of significant harm that began in two years was missed."]),
        (partial(plant, 3, 7), ["Of 10 spells of significant harm that began in two years, 3 were missed."]),
        (partial(plant, 1, 9), ["Of 10 spells of significant harm that began in two years, 1 was missed."]),
        (partial(plant, 1, 0), ["The only spell of significant harm that began in two years was missed."]),
        (partial(plant, 0, 1), ["The only spell of significant harm that began in two years was not missed."]),
        (
            partial(plant, hours=1.4),
            [OF_1000, "Social work is overloaded: 1.40 hours of work for each hour available."],
        ),
        (partial(plant, hours=7.0), [BROKEN, OF_1000]),
        (
            partial(plant, timeline=[DUTY], question="Does a duty help?"),
            [
                "One run cannot show what the events of mine change, because it compares nothing; to compare, type "
                "`cpsim compare small mine.yaml`.",
                OF_1000,
            ],
        ),
        (
            partial(plant, timeline=[DUTY], hours=7.0),
            [
                "One run cannot show what the events of mine change, because it compares nothing; to compare, type "
                "`cpsim compare small mine.yaml`.",
                BROKEN,
                OF_1000,
            ],
        ),
        (
            partial(plant, question="Does a lower threshold protect more children?"),
            [
                "One run cannot answer the question of mine, because it compares nothing; to compare, type "
                "`cpsim compare small mine.yaml`.",
                OF_1000,
            ],
        ),
        (partial(plant, question="How many children does a small authority miss?"), [OF_1000]),
        (
            partial(plant, timeline=[DUTY], authorities={"tile_children": 250_000}),
            [
                "One run cannot show what the events of mine change, because it compares nothing; to compare, type "
                "`cpsim run small --seed 7` too, and read the two pages side by side.",
                OF_1000,
            ],
        ),
    ],
    ids=[
        "plain", "no harm", "none followed", "no misses", "few spells", "one miss", "one spell, missed",
        "one spell, protected", "overloaded", "broken down", "events", "events and broken down", "question of change",
        "question without change", "tiles with events",
    ],
)  # fmt: skip
def test_a_run_begins_with(create: Callable[[], RunResult], sentences: list[str]) -> None:
    result = create()
    answer = create_answer(result, LINE)
    assert [answer.first, *answer.others] == sentences
    printed = " ".join(format_as_text(format_run(result, LINE), 80).split())
    assert printed.startswith(sentences[0].replace("`", "").removesuffix("."))
    text = extract_text(render_run_page(result, {"cascade": cascade(result)}, line=LINE))
    places = [text.index(sentence.replace("`", "")) for sentence in sentences]
    assert places == sorted(places), "the page has the same sentences in the same order"
    assert places[0] < text.index("Missed risk")


def plant_authorities(*missed: int, spells: int) -> RunResult:
    """Create a run of authorities with so many spells each, of which so many are missed."""
    whole = plant()
    year = whole.authorities.iloc[:1].assign(year=1, spells=spells, censored=0)
    rows = [
        year.assign(authority=row, name=f"authority-{row:02}", missed=number)
        for row, number in enumerate(missed)
    ]
    return RunResult(**{**vars(whole), "authorities": pd.concat(rows)})


@pytest.mark.parametrize(
    ("create", "sentence"),
    [
        (
            partial(plant_authorities, 60, 65, 70, spells=100),
            "Between the 3 authorities missed risk differs from 60% to 70%, no more than chance between spells gives.",
        ),
        (
            partial(plant_authorities, 20, 65, 90, spells=100),
            "Between the 3 authorities missed risk differs from 20% to 90%, more than chance between spells gives.",
        ),
        (
            partial(plant_authorities, 1, 3, 4, spells=5),
            "The 3 authorities have too few spells to say how far they differ.",
        ),
    ],
    ids=["chance", "more than chance", "too few"],
)
def test_a_run_of_several_authorities_says_how_far_they_differ(
    create: Callable[[], RunResult], sentence: str
) -> None:
    assert create_answer(create()).others == (sentence,)


def test_the_thresholds_of_overload_are_those_of_the_hours() -> None:
    at_both = [create_answer(plant(hours=hours)).others for hours in (OVERLOADED, BROKEN_DOWN)]
    assert at_both == [(), ("Social work is overloaded: 2.00 hours of work for each hour available.",)]


def test_the_command_to_type_is_on_a_line_of_its_own_in_the_terminal() -> None:
    long = CompareLine("small", f"{'folder/' * 10}mine.yaml", ("clock.years=2", "name=two words"))
    lines = format_as_text(format_run(plant(timeline=[DUTY]), long), 200).splitlines()
    assert (
        f"  cpsim compare small {'folder/' * 10}mine.yaml --set clock.years=2 --set 'name=two words'" in lines
    )


def test_a_run_without_a_name_to_type_names_the_file_in_its_folder() -> None:
    first = create_answer(plant(timeline=[DUTY])).first
    assert first.endswith("type `cpsim compare baseline scenario.yaml` in the folder of this run.")


def test_the_shipped_questions_that_ask_for_a_comparison_are_those_with_events() -> None:
    """No scenario that comes with cpsim is refused for its question alone, and none with events asks plainly."""
    for name in ("baseline", "before_the_act", "county_of_twenty", "england", "small", "twelve_places"):
        scenario = resolve_scenario(name)
        assert not scenario["timeline"]
        assert not asks_for_change(scenario["question"]), name
    assert len(find_shipped_scenarios()) > 6


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("Does a duty help?", True),
        ("do schools share sooner?", True),
        ("What would change without a duty?", True),
        ("How many fewer children are missed?", True),
        ("What does the system miss?", False),
        ("How many children does a domestic authority miss?", False),
        ("", False),
    ],
)
def test_a_question_for_yes_or_no_or_with_a_word_for_change_asks_for_a_comparison(
    question: str, asks: bool
) -> None:
    assert asks_for_change(question) == asks


def test_the_stages_of_misses_add_up_to_all_misses() -> None:
    result = run_result(years=2, spells=1000)
    followed = int((result.spell_results != "censored").sum())
    stops = sorted(count_by_stop(result).values(), reverse=True)
    *named, rest = (
        float(part.split()[-1].rstrip("%."))
        for part in describe_stops(result).replace(" and ", ", ").split(", ")[1:]
    )
    assert len(named) == 3
    assert rest == pytest.approx(100 * sum(stops[3:]) / followed, abs=0.5)
    assert sum(named) + rest == pytest.approx(100 * sum(stops) / followed, abs=2)


def test_misses_at_a_single_stage_have_no_others() -> None:
    assert describe_stops(plant()) == "Missed, as shares of all spells: not recognised 70%."
    assert describe_stops(plant(3, 7)) == "Missed, as shares of all spells: not recognised 3 of 10."
    assert describe_stops(plant(0, 10)) == ""


def test_the_text_of_the_cascade_names_every_stage_with_misses() -> None:
    text = describe_cascade(run_result(years=2, spells=1000))
    for stage in ("no opportunity", "not recognised", "not recorded", "known but not shared", "screened out"):
        assert stage in text
    assert "missed, by where the chain of concern stopped" in text
    assert "by where" not in describe_cascade(plant(0, 100)), "without misses there is nothing to list"


def test_a_share_of_few_cases_is_written_as_a_number_of_cases() -> None:
    few, many = plant(3, 7), plant(6, 14)
    assert format_run_outcome(few, "missed_risk_rate") == "3 of 10"
    assert format_run_outcome(many, "missed_risk_rate") == "30%"
    weekly = few.weekly.assign(referrals=0)
    weekly.loc[weekly["week"] == 5, "referrals"] = 8
    rare = RunResult(**{**vars(few), "weekly": weekly, "summary": few.summary | {"referral_ppv": 0.25}})
    assert format_run_outcome(rare, "referral_ppv") == "2 of 8"
    assert format_run_outcome(rare, "utilisation_mean") == "0.90", "a ratio is not a share of cases"


def test_no_percentage_of_few_spells_is_on_the_page_or_in_the_terminal() -> None:
    result = plant(3, 7)
    page = extract_text(render_run_page(result, {"cascade": cascade(result)}))
    printed = format_as_text(format_run(result), 80)
    for text in (page, printed):
        assert "3 of 10" in text
        assert "30%" not in text.replace(" 30% of referrals", "")
