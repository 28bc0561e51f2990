"""The report of a comparison claims no more than its intervals allow and is accessible."""

import re
import shlex
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.browser import NewPage
from tests.present.pages import HOSTILE, assert_well_formed, extract_file, extract_text
from tests.results.synthetic_comparison import comparison

from cpsim.plot.figures import list_comparison_figures
from cpsim.present.comparison_answer import create_answer, describe_limits
from cpsim.present.comparison_page import render_comparison_page
from cpsim.results.comparison import Comparison
from cpsim.results.names import SUMMARY
from cpsim.scenario.read import load


def replace_parts(made: Comparison, **changes: Any) -> Comparison:
    return Comparison(**{**vars(made), **changes})


def rename_arms(made: Comparison, names: dict[str, str]) -> Comparison:
    """Return the same comparison with other names of arms."""
    tables = ("runs", "differences", "children", "flows", "turns", "prices")
    return replace_parts(
        made,
        arms=tuple(names[arm] for arm in made.arms),
        scenarios={names[arm]: scenario | {"name": names[arm]} for arm, scenario in made.scenarios.items()},
        pairing={names[arm]: pairing for arm, pairing in made.pairing.items()},
        near={names[arm]: outcomes for arm, outcomes in made.near.items()},
        **{name: getattr(made, name).replace({"arm": names}) for name in tables},
    )


@pytest.fixture(scope="module")
def made() -> Comparison:
    return comparison()


@pytest.fixture(scope="module")
def page(made: Comparison) -> str:
    return render_comparison_page(made)


def extract_section(page: str, title: str, following: str) -> str:
    return extract_text(page).partition(f" {title} ")[2].partition(f" {following} ")[0]


def test_a_report_is_well_formed(page: str) -> None:
    assert_well_formed(page)


def read_first_screen(page: str) -> str:
    return extract_text(page).partition(" What changed, what did not, and at what price ")[0]


def test_every_sentence_of_the_answer_and_the_limits_is_on_the_page(made: Comparison, page: str) -> None:
    text = extract_text(page)
    for arm in made.others:
        given = create_answer(made, arm)
        sentences = (
            given.seeds,
            *given.touched,
            *given.moved,
            given.unmoved,
            *given.price,
            given.prevalences,
        )
        for sentence in (*sentences, *describe_limits(made)):
            assert " ".join(sentence.split()) in text


def test_with_several_arms_the_first_screen_answers_for_all_of_them(page: str) -> None:
    screen = read_first_screen(page)
    assert (
        "Missed risk fell under duty_complete; no change in missed risk was shown under pooled_budget."
        in screen
    )
    assert "duty_complete: schools made 11.1 more contacts" in screen
    assert "pooled_budget: no change in missed risk was shown." in screen


def test_with_one_arm_the_first_screen_has_the_answer_its_seeds_and_its_numbers() -> None:
    one = comparison(arms=("small", "duty_complete"))
    page = render_comparison_page(one)
    assert_well_formed(page)
    screen = read_first_screen(page)
    given = create_answer(one, "duty_complete")
    for sentence in (given.lead, given.note, given.seeds, given.whom):
        assert sentence in screen
    assert "Missed risk 47%" in screen


def test_misses_are_in_one_table_with_assessments_workload_and_money(page: str) -> None:
    table = extract_section(page, "duty_complete compared with small", "pooled_budget compared with small")
    for label in (
        "Missed risk 55% 47% −7.83 percentage points",
        "Assessed, neither need nor harm",
        "Hours demanded",
        "Cost",
    ):
        assert label in table


def test_every_figure_of_every_arm_is_in_the_report(made: Comparison, page: str) -> None:
    assert page.count('role="img"') == len(list_comparison_figures(made))


def test_every_outcome_of_the_summary_is_in_the_report(page: str) -> None:
    text = extract_text(page)
    alone = {name for name in SUMMARY if name != "cost_gbp_per_unprotected_week_averted"}
    assert {name for name in alone if name not in text} == set()


def test_the_command_in_the_report_names_the_scenarios_in_the_folder(made: Comparison, page: str) -> None:
    command = extract_text(page).partition("cpsim compare ")[2].partition(" Provenance")[0]
    *files, seeds, number, prevalence, shares = shlex.split(command)
    assert files == list(made.list_scenario_files().values())
    assert (seeds, number, prevalence, shares) == ("--seeds", "6", "--prevalence", "1,2,4")
    for arm, file in made.list_scenario_files().items():
        assert YAML(typ="safe").load(extract_file(page, file)) == made.scenarios[arm]


def test_a_comparison_in_two_stages_is_repeated_in_two_stages(made: Comparison) -> None:
    """The same pilot seeds call for at least as many seeds again, and no more than these are run."""
    page = render_comparison_page(comparison(seeds=12, prevalences=(None,), spells=20, pilot=10), figures={})
    command = extract_text(page).partition("cpsim compare ")[2].partition(" Provenance")[0]
    assert shlex.split(command)[-3:] == ["--most-seeds", "12", "--no-prevalence"]


def test_seeds_that_do_not_start_at_1_are_repeated_in_python(made: Comparison) -> None:
    few = replace_parts(made, seeds=(3, 4, 5, 6, 7, 8))
    assert "seeds=[3, 4, 5, 6, 7, 8], prevalences=[0.01, 0.02, 0.04])" in extract_text(
        render_comparison_page(few, figures={})
    )


@pytest.mark.parametrize(
    "other",
    [
        {"arms": ("small", "small_again"), "seeds": 3},
        {"arms": ("small", "duty_complete"), "seeds": 1, "prevalences": (None,)},
    ],
    ids=["a scenario and itself", "one seed"],
)
def test_a_comparison_without_a_conclusion_has_a_report_that_says_so(other: dict[str, Any]) -> None:
    page = render_comparison_page(comparison(**other))
    assert_well_formed(page)
    screen = read_first_screen(page)
    assert "changes nothing" in screen or "One seed cannot tell a change from chance" in screen


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_names_of_arms_are_shown_as_text(kind: str, new_page: NewPage, tmp_path: Path) -> None:
    name = HOSTILE[kind][:200]
    few = comparison(arms=("small", "duty_complete"), seeds=2, prevalences=(None,), spells=60)
    file = tmp_path / "report.html"
    file.write_text(
        render_comparison_page(rename_arms(few, {"small": "small", "duty_complete": name})), "utf-8"
    )
    assert_well_formed(file.read_text("utf-8"))
    page = new_page()
    page.goto(file.as_uri())
    assert page.title() != "taken"
    assert page.locator("script, img").count() == 0


def test_no_difference_comes_with_the_size_that_would_have_been_seen(made: Comparison, page: str) -> None:
    changes = extract_section(page, "What changed, what did not, and at what price", "What differs")
    assert re.search(r"No change was shown in .*\(\S+( percentage points)? would have been seen\)", changes)
    assert "80%" in extract_section(page, "What this cannot show", "How to repeat the comparison")


def test_what_each_event_can_do_is_a_section_with_sizes_readers_and_first_outcomes(made: Comparison) -> None:
    letter = {"date": date(2006, 4, 3), "lever": "ministerial_letter"}
    arm = load("small", {"timeline": [letter]}).model_dump(mode="python")
    changed = replace_parts(made, scenarios={**made.scenarios, made.others[0]: arm})
    section = extract_section(
        render_comparison_page(changed, figures={}), "What each event can do", "The numbers"
    )
    for part in ("organisations.share_threshold_shift", "log odds", "casework.sharing", "contacts"):
        assert part in section
