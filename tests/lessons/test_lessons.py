"""The lessons: their actions are possible, their claims were measured, and errors in them are reported."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import solara
from click.testing import CliRunner
from ipyvue import VueTemplate
from tests.docs.pages import ROOT, import_script
from tests.live.rooms import TINY, step_weeks

from cpsim.browser.lesson_panel import LessonGuide, prepare_prompt
from cpsim.cli import main
from cpsim.lessons.figures import LESSON_OUTCOMES, load_measured
from cpsim.lessons.lesson import (
    MINUTES,
    Lesson,
    LessonShow,
    describe_action,
    list_shipped_lessons,
    load_lesson,
    perform_action,
)
from cpsim.live.children import RunningComparison
from cpsim.live.session import Classroom
from cpsim.live.shared_history import SharedHistories
from cpsim.scenario.clock import warm_up_weeks
from cpsim.scenario.problems import ScenarioError

LESSONS = ("jigsaw", "merger", "duty")


def open_classroom(lesson: Lesson, *overrides: str) -> Classroom:
    """Open a classroom with a lesson."""
    scenarios = lesson.load_systems(overrides)
    show = LessonShow(scenarios, lesson.seed, warm_up_weeks(scenarios[0].clock), SharedHistories(), lesson)
    classroom = Classroom(show, lesson.seed)
    classroom.history.wait(120)
    classroom.open()
    return classroom


# -- lessons and measured results


def test_three_lessons_come_with_cpsim() -> None:
    assert set(list_shipped_lessons()) == set(LESSONS)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_is_valid_and_fills_its_time(name: str) -> None:
    lesson = load_lesson(name)
    assert lesson.name == name
    assert sum(prompt.minutes for prompt in lesson.prompts) == MINUTES


@pytest.mark.parametrize("name", LESSONS)
def test_every_claim_quotes_its_measured_outcome(name: str) -> None:
    lesson = load_lesson(name)
    assert lesson.claims
    for claim in lesson.claims:
        outcome = load_measured()[lesson.result_key(claim), claim.outcome]
        assert outcome.seeds >= 20
        assert outcome.direction == claim.shows
        sentence = lesson.format_claim(claim)
        assert "{" not in sentence
        numbers = outcome.format_numbers(LESSON_OUTCOMES[claim.outcome].digits)
        assert numbers["interval"] in sentence, "a difference is given with its interval"


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_never_shows_misses_without_assessments_and_both_directions(name: str) -> None:
    claimed = {claim.outcome for claim in load_lesson(name).claims}
    assert {
        "missed_risk_rate",
        "assessed_neither_per_10k_year",
        "newly_reached",
        "newly_missed",
    } <= claimed


@pytest.mark.parametrize("name", LESSONS)
def test_the_town_of_a_lesson_is_a_typical_one(name: str) -> None:
    lesson = load_lesson(name)
    for claim in lesson.claims:
        if claim.variant is None:
            outcome = load_measured()[name, claim.outcome]
            deviation = (outcome.high - outcome.low) / 2 / 2.001 * np.sqrt(outcome.seeds)
            assert abs(outcome.here - outcome.difference) < 2 * deviation, claim.outcome


@pytest.mark.parametrize("name", LESSONS)
def test_prompts_do_not_contain_results_that_are_not_measured(name: str) -> None:
    for prompt in load_lesson(name).prompts:
        for text in (prompt.do, prompt.look):
            assert not re.search(r"\d+(\.\d+)? ?(%|points|of 100)", text), text


def test_quoted_outcomes_equal_those_measured_seed_by_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    lesson_figures = import_script("lesson_figures", monkeypatch)
    found = lesson_figures.read_measured()
    for (key, name), outcome in load_measured().items():
        pairs = [(row[key][0][name], row[key][1][name]) for row in found.values()]
        seed = load_lesson(key.partition("/")[0]).seed
        again = lesson_figures.summarise_seeds(pairs, list(found).index(seed))
        assert vars(outcome) == pytest.approx(vars(again), rel=1e-5), (key, name)


def test_each_lesson_has_the_most_typical_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    lesson_figures = import_script("lesson_figures", monkeypatch)
    found = lesson_figures.read_measured()
    for name in LESSONS:
        assert lesson_figures.find_typical_seed(found, load_lesson(name)) == load_lesson(name).seed


@pytest.mark.parametrize("name", LESSONS)
def test_the_demo_at_the_end_of_a_lesson_shows_what_was_measured(name: str) -> None:
    lesson = load_lesson(name)
    classroom = open_classroom(lesson)
    running = RunningComparison(*(system.viewer.verdicts for system in classroom.systems))
    (stories,) = [i for i, prompt in enumerate(lesson.prompts) if prompt.title == "Two stories of one child"]
    while not classroom.is_finished:
        if classroom.week == lesson.stop_week(stories):
            comparison = running.catch_up()
            assert min(len(comparison.left), len(comparison.right)) > 0, "both lists have a child to click on"
        for action in lesson.actions:
            if action.week == classroom.week:
                perform_action(classroom.systems[1], action)
        classroom.step()
    running.catch_up()
    evaluated = [system.viewer.verdicts for system in classroom.systems]
    with (ROOT / "docs" / "lessons" / "measured.csv").open(encoding="utf-8") as file:
        rows = {(row["lesson"], row["seed"], row["side"]): row for row in csv.DictReader(file)}
    for side, verdicts in zip(("left", "right"), evaluated, strict=True):
        row = rows[name, str(lesson.seed), side]
        assert (verdicts.table["result"] == "missed").sum() == float(row["missed_spells"])
    classroom.close()


def test_the_pages_for_teachers_are_up_to_date_with_the_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = import_script("lesson_pages", monkeypatch)
    lessons = [load_lesson(name) for name in LESSONS]
    message = "run: python tools/lesson_pages.py"
    assert (ROOT / "docs" / "teaching.md").read_text("utf-8") == pages.HEAD + pages.format_notes(lessons), (
        message
    )
    for lesson in lessons:
        page = ROOT / "docs" / "lessons" / f"{lesson.name}.md"
        assert page.read_text("utf-8") == pages.HEAD + pages.format_hand_out(lesson), message


# -- errors in a lesson


Spoil = Callable[[str], str]


def substitute(old: str, new: str) -> Spoil:
    def spoil(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return spoil


def replace_sides(text: str) -> str:
    return re.sub(r"^sides:.*$", "sides: [Merged, Merged]", text, count=1, flags=re.MULTILINE)


ERRORS: dict[str, tuple[Spoil, str]] = {
    "a misspelt key": (substitute("    look:", "    loook:"), "there is no setting 'loook' here; did you mean 'look'"),
    "too little time": (substitute("minutes: 5", "minutes: 4"), "add up to 49; a lesson has 50 minutes"),
    "no such scenario": (substitute("scenario: small", "scenario: smal"), "did you mean 'small'"),
    "no such button": (substitute("Merge departments}", "Merge department}"), "did you mean 'Merge departments'"),
    "an action during play": (substitute("{week: 52,", "{week: 53,"), "no prompt plays until week 53"),
    "time runs backwards": (substitute("plays_until: 70", "plays_until: 50"), "expected a week from 53 to"),
    "no such outcome": (substitute("outcome: missed_C5", "outcome: mised_C5"), "did you mean 'missed_C5'"),
    "an old outcome": (substitute("outcome: missed_C5", "outcome: screened"), "it is now called 'missed_C5'"),
    "a claim that was not measured": (substitute("shows: nothing", "shows: more"), "shows nothing, not more"),
    "a placeholder that cannot be printed": (
        substitute("{rises}", "{\ud7fc}"),
        r"there is no placeholder {\ud7fc}",
    ),
    "no such placeholder": (substitute("{rises}", "{raises}"), "there is no placeholder {raises}"),
    "two systems of one name": (replace_sides, "'Merged' is in this list twice"),
    "a scenario elsewhere": (substitute("scenario: small", "scenario: ../secret.yaml"), "comes with cpsim"),
    "a title with an escape sequence": (
        substitute("title: The merger", 'title: "\\e[2J"'), "an escape character (U+001B), which is not allowed"
    ),
    "no such action": (substitute("do: press", "do: kick"), "there is no action 'kick'"),
}  # fmt: skip


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_in_a_lesson_is_reported_with_its_line(error: str, tmp_path: Path) -> None:
    spoil, message = ERRORS[error]
    valid = list_shipped_lessons()["merger"].read_text("utf-8")
    file = tmp_path / "merger.yaml"
    file.write_text(spoil(valid), "utf-8")
    with pytest.raises(ScenarioError) as refused:
        load_lesson(file)
    (problem,) = refused.value.problems
    assert message in problem.message
    if error != "too little time":  # reported for all prompts together
        changed_line = next(
            number
            for number, (before, after) in enumerate(
                zip(valid.splitlines(), file.read_text("utf-8").splitlines(), strict=True), 1
            )
            if before != after
        )
        assert problem.line == changed_line


def test_an_unknown_lesson_is_reported_with_the_nearest_name() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'merger'"):
        load_lesson("mergers")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--lesson", "mergers"], "did you mean 'merger'"),
        (["--lesson", "none.yaml"], "there is no such file"),
        (["--lesson", "merger", "small"], "Give either a scenario or --lesson"),
        (["--lesson", "merger", "--from", "2005-04-01"], "Give either a scenario or --lesson"),
        (["--lesson", "merger", "--set", "population.childen=3"], "did you mean 'children'"),
        ([], "Give either a scenario or --lesson"),
    ],
)
def test_a_lesson_that_cannot_be_shown_is_refused_with_the_reason(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(main, ["show", *arguments, "--no-open", "--port", "0"])
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


# -- a class in a lesson


def test_a_prompt_does_not_show_the_teachers_notes_to_the_class() -> None:
    lesson = load_lesson("merger")
    clock = lesson.load_systems()[0].clock
    shown = str([prepare_prompt(lesson, number, clock) for number in range(len(lesson.prompts))])
    for prompt in lesson.prompts:
        assert prompt.do in shown
        assert prompt.say not in shown
        assert not prompt.expect or prompt.expect not in shown
    assert all(answer not in shown for answer in lesson.good_answer)
    assert lesson.ask in shown


def test_prompts_ask_for_all_actions_in_the_weeks_of_the_measurement() -> None:
    for name in LESSONS:
        lesson = load_lesson(name)
        asked = [action for number in range(len(lesson.prompts)) for action in lesson.select_actions(number)]
        assert asked == list(lesson.actions)
    assert (
        describe_action(load_lesson("merger").actions[0])
        == "Press \N{LEFT DOUBLE QUOTATION MARK}Merge departments\N{RIGHT DOUBLE QUOTATION MARK}."
    )


def test_both_sides_of_a_lesson_are_alike_until_the_class_acts() -> None:
    lesson = load_lesson("merger")
    classroom = open_classroom(lesson, *TINY)
    step_weeks(classroom, 52)
    left, right = (system.model for system in classroom.systems)
    assert classroom.week == 52
    np.testing.assert_array_equal(left.ties.table["trust"], right.ties.table["trust"])
    perform_action(classroom.systems[1], lesson.actions[0])
    step_weeks(classroom, 1)
    assert (left.ties.table["trust"] != right.ties.table["trust"]).any()
    classroom.close()


def test_play_stops_at_the_week_of_a_prompt_and_continues_with_the_next() -> None:
    lesson = load_lesson("duty")
    classroom = open_classroom(lesson, *TINY)
    _, rendered = solara.render(
        solara.AppLayout(children=[LessonGuide(classroom, lesson)]), handle_error=False
    )

    def panel() -> Any:
        (found,) = rendered.find(VueTemplate).widgets
        return found

    assert classroom.is_stopped
    step_weeks(classroom, 5)
    assert classroom.week == 0
    panel().vue_go(1)
    assert not classroom.is_stopped
    step_weeks(classroom, 60)
    assert classroom.week == 52
    assert classroom.is_stopped
    panel().vue_go(2)
    assert panel().prompts[2]["actions"]
    step_weeks(classroom, 3)
    assert classroom.week == 55
    panel().vue_go(99)
    assert panel().at == len(lesson.prompts) - 1
    rendered.close()
    classroom.close()
