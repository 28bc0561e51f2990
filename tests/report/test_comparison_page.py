"""The page of a comparison claims no more than its intervals allow, tells both directions, and can be read by all."""

import shlex
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.browser import NewPage
from tests.report.pages import HOSTILE, held_file, readable, sound, text_of
from tests.results.synthetic_comparison import comparison

from cpsim.plot.figures import of_comparison
from cpsim.report import comparison_page
from cpsim.results.comparison import Comparison
from cpsim.results.names import SUMMARY


def remade(made: Comparison, **changes: Any) -> Comparison:
    return Comparison(**{**vars(made), **changes})


def renamed(made: Comparison, names: dict[str, str]) -> Comparison:
    """The same comparison with arms that are called otherwise."""
    tables = ("runs", "differences", "children", "flows", "turns", "prices")
    return remade(
        made,
        arms=tuple(names[arm] for arm in made.arms),
        scenarios={names[arm]: scenario | {"name": names[arm]} for arm, scenario in made.scenarios.items()},
        pairing={names[arm]: pairing for arm, pairing in made.pairing.items()},
        **{name: getattr(made, name).replace({"arm": names}) for name in tables},
    )


@pytest.fixture(scope="module")
def made() -> Comparison:
    return comparison()


@pytest.fixture(scope="module")
def page(made: Comparison) -> str:
    return comparison_page(made)


def section(page: str, title: str, following: str) -> str:
    return text_of(page).partition(f" {title} ")[2].partition(f" {following} ")[0]


def test_a_page_is_sound(page: str) -> None:
    sound(page)


def test_the_answer_is_what_the_comparison_says_of_itself(made: Comparison, page: str) -> None:
    answer = section(page, "The answer in short", "The settings")
    limits = section(page, "What this cannot show", "How to repeat it")
    for sentence in made.sentences():
        assert " ".join(sentence.split()) in answer + limits


def test_where_nothing_is_shown_the_answer_says_so(page: str) -> None:
    answer = section(page, "The answer in short", "The settings")
    assert "pooled_budget against small, 6 seeds: no difference shown: missed risks" in answer


def test_misses_stand_beside_alarms_work_and_money(page: str) -> None:
    table = section(page, "duty_complete against small", "pooled_budget against small")
    for label in ("Missed risks 53 % 46 % −7.83 points", "Families alarmed", "Hours demanded", "Cost"):
        assert label in table


def test_every_picture_of_every_arm_is_there(made: Comparison, page: str) -> None:
    assert page.count("<svg") == len(of_comparison(made))


def test_every_figure_of_the_summary_is_on_the_page(page: str) -> None:
    text = text_of(page)
    alone = {name for name in SUMMARY if name != "cost_gbp_per_unprotected_week_averted"}
    assert {name for name in alone if name not in text} == set()


def test_the_command_on_the_page_names_the_scenarios_in_the_folder(made: Comparison, page: str) -> None:
    told = text_of(page).partition("cpsim compare ")[2].partition(" Made with")[0]
    *files, seeds, number, prevalence, shares = shlex.split(told)
    assert files == list(made.scenario_files().values())
    assert (seeds, number, prevalence, shares) == ("--seeds", "6", "--prevalence", "1,2,4")
    for arm, file in made.scenario_files().items():
        assert YAML(typ="safe").load(held_file(page, file)) == made.scenarios[arm]


def test_seeds_that_no_option_can_name_are_told_for_python(made: Comparison) -> None:
    few = remade(made, seeds=(3, 4, 5, 6, 7, 8))
    assert "seeds=[3, 4, 5, 6, 7, 8], prevalences=[0.01, 0.02, 0.04])" in text_of(comparison_page(few))


@pytest.mark.parametrize(
    "other",
    [
        comparison(arms=("small", "small_again"), seeds=3),
        comparison(arms=("small", "duty_complete"), seeds=1, prevalences=(None,)),
    ],
    ids=["a scenario and itself", "one seed"],
)
def test_a_comparison_that_can_say_little_has_a_page_that_says_so(other: Comparison) -> None:
    page = comparison_page(other)
    sound(page)
    answer = section(page, "The answer in short", "The settings")
    assert "is the same as small" in answer or "cannot be said" in answer


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_names_of_arms_are_shown_as_what_they_are(
    kind: str, new_page: NewPage, tmp_path: Path
) -> None:
    name = HOSTILE[kind][:200]
    few = comparison(arms=("small", "duty_complete"), seeds=2, prevalences=(None,), spells=60)
    file = tmp_path / "report.html"
    file.write_text(comparison_page(renamed(few, {"small": "small", "duty_complete": name})), "utf-8")
    sound(file.read_text("utf-8"))
    page = new_page()
    page.goto(file.as_uri())
    assert page.title() != "taken"
    assert page.locator("script, img").count() == 0


def test_everybody_can_read_the_page(page: str, new_page: NewPage, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(page, "utf-8")
    readable(new_page, file, "comparison")
