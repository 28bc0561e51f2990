"""The lessons: what they ask for can be done, what they claim was measured, and what is wrong in one is told."""

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
from tests.docs.pages import ROOT, experiment
from tests.visualiser.rooms import TINY, live

from cpsim.cli import main
from cpsim.scenario.clock import warm_up_weeks
from cpsim.scenario.problems import ScenarioError
from cpsim.visualiser.children import Comparing
from cpsim.visualiser.classroom import Classroom, Show
from cpsim.visualiser.figures import FIGURES, measured
from cpsim.visualiser.lesson_panel import Guide, shown
from cpsim.visualiser.lessons import MINUTES, Lesson, act_on, load_lesson, shipped, told
from cpsim.visualiser.past import Pasts

LESSONS = ("jigsaw", "merger", "duty")


def room_of(lesson: Lesson, *overrides: str) -> Classroom:
    """A class that is open before a lesson."""
    scenarios = lesson.systems(overrides)
    show = Show(scenarios, lesson.seed, warm_up_weeks(scenarios[0].clock), Pasts(), lesson)
    room = Classroom(show, lesson.seed)
    room.past.wait(120)
    room.open()
    return room


# -- what a lesson says


def test_three_lessons_come_with_cpsim() -> None:
    assert set(shipped()) == set(LESSONS)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_can_be_read_and_fills_its_time(name: str) -> None:
    lesson = load_lesson(name)
    assert lesson.name == name
    assert sum(prompt.minutes for prompt in lesson.prompts) == MINUTES


@pytest.mark.parametrize("name", LESSONS)
def test_every_claim_has_its_figure_and_quotes_it(name: str) -> None:
    lesson = load_lesson(name)
    assert lesson.claims
    for claim in lesson.claims:
        figure = measured()[lesson.key(claim), claim.figure]
        assert figure.seeds >= 20
        assert figure.shows == claim.shows
        sentence = lesson.sentence(claim)
        assert "{" not in sentence
        words = figure.words(FIGURES[claim.figure][1])
        assert words["interval"] in sentence, "a difference is told with its interval"


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_never_shows_misses_without_false_alarms_and_both_directions(name: str) -> None:
    claimed = {claim.figure for claim in load_lesson(name).claims}
    assert {"missed", "alarms", "caught", "lost"} <= claimed


@pytest.mark.parametrize("name", LESSONS)
def test_the_town_of_a_lesson_is_a_typical_one(name: str) -> None:
    lesson = load_lesson(name)
    for claim in lesson.claims:
        if claim.variant is None:
            figure = measured()[name, claim.figure]
            deviation = (figure.high - figure.low) / 2 / 2.001 * np.sqrt(figure.seeds)
            assert abs(figure.here - figure.difference) < 2 * deviation, claim.figure


@pytest.mark.parametrize("name", LESSONS)
def test_no_result_stands_in_a_prompt_where_nobody_would_measure_it_again(name: str) -> None:
    for prompt in load_lesson(name).prompts:
        for text in (prompt.do, prompt.look):
            assert not re.search(r"\d+(\.\d+)? ?(%|points|of 100)", text), text


def test_figures_are_those_that_were_measured_seed_by_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    lesson_figures = experiment("lesson_figures", monkeypatch)
    found = lesson_figures.kept()
    for (key, name), figure in measured().items():
        pairs = [(row[key][0][name], row[key][1][name]) for row in found.values()]
        seed = load_lesson(key.partition("/")[0]).seed
        again = lesson_figures.over_seeds(pairs, list(found).index(seed))
        assert vars(figure) == pytest.approx(vars(again), rel=1e-5), (key, name)


def test_each_lesson_has_the_most_typical_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    lesson_figures = experiment("lesson_figures", monkeypatch)
    found = lesson_figures.kept()
    for name in LESSONS:
        assert lesson_figures.most_typical(found, load_lesson(name)) == load_lesson(name).seed


@pytest.mark.parametrize("name", LESSONS)
def test_what_a_class_sees_to_the_end_is_what_was_measured(name: str) -> None:
    lesson = load_lesson(name)
    room = room_of(lesson)
    comparing = Comparing(*(system.onlooker.verdicts for system in room.systems))
    (stories,) = [i for i, prompt in enumerate(lesson.prompts) if prompt.title == "Two stories of one child"]
    while not room.over:
        if room.week == lesson.stands(stories):
            both = comparing.catch_up()
            assert min(len(both.left), len(both.right)) > 0, "somebody to click on in both lists"
        for act in lesson.acts:
            if act.week == room.week:
                act_on(room.systems[1], act)
        room.step()
    comparing.catch_up()
    judged = [system.onlooker.verdicts for system in room.systems]
    with (ROOT / "docs" / "lessons" / "measured.csv").open(encoding="utf-8") as file:
        rows = {(row["lesson"], row["seed"], row["side"]): row for row in csv.DictReader(file)}
    for side, verdicts in zip(("left", "right"), judged, strict=True):
        row = rows[name, str(lesson.seed), side]
        assert (verdicts.table["result_13w"] == "missed").sum() == float(row["missed_children"])
    room.close()


def test_the_pages_for_teachers_are_what_the_lessons_say(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = experiment("lesson_pages", monkeypatch)
    lessons = [load_lesson(name) for name in LESSONS]
    told_by = "run: python experiments/lesson_figures.py --again"
    assert (ROOT / "docs" / "teaching.md").read_text("utf-8") == pages.HEAD + pages.notes(lessons), told_by
    for lesson in lessons:
        page = ROOT / "docs" / "lessons" / f"{lesson.name}.md"
        assert page.read_text("utf-8") == pages.HEAD + pages.hand_out(lesson), told_by


# -- what is wrong with a lesson


Spoil = Callable[[str], str]


def replaced(old: str, new: str) -> Spoil:
    def spoil(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return spoil


FAULTS: dict[str, tuple[Spoil, str]] = {
    "a misspelt key": (replaced("    look:", "    loook:"), "there is no setting 'loook' here; did you mean 'look'"),
    "too little time": (replaced("minutes: 5", "minutes: 4"), "add up to 49; a lesson has 50"),
    "no such scenario": (replaced("scenario: small", "scenario: smal"), "did you mean 'small'"),
    "no such button": (replaced("Merge departments}", "Merge department}"), "did you mean 'Merge departments'"),
    "nobody can press it": (replaced("{week: 52,", "{week: 53,"), "no prompt plays until week 53"),
    "time runs backwards": (replaced("plays_until: 70", "plays_until: 50"), "expected a week after 52"),
    "no such figure": (replaced("figure: screened", "figure: screend"), "did you mean 'screened'"),
    "says what was not shown": (replaced("shows: nothing", "shows: more"), "shows nothing, not more"),
    "no such number": (replaced("{rises}", "{raises}"), "no number is called {raises}"),
    "what a class cannot do": (replaced("do: press", "do: kick"), "a class cannot 'kick'"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_lesson_is_told_with_its_line(fault: str, tmp_path: Path) -> None:
    spoil, says = FAULTS[fault]
    sound = shipped()["merger"].read_text("utf-8")
    file = tmp_path / "merger.yaml"
    file.write_text(spoil(sound), "utf-8")
    with pytest.raises(ScenarioError) as refused:
        load_lesson(file)
    (problem,) = refused.value.problems
    assert says in problem.message
    if fault != "too little time":  # that is told of all prompts together
        spoilt = next(
            number
            for number, (before, after) in enumerate(
                zip(sound.splitlines(), file.read_text("utf-8").splitlines(), strict=True), 1
            )
            if before != after
        )
        assert problem.line == spoilt


def test_a_lesson_that_nobody_has_written_is_told_with_the_nearest() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'merger'"):
        load_lesson("mergers")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--lesson", "mergers"], "did you mean 'merger'"),
        (["--lesson", "none.yaml"], "there is no such file"),
        (["--lesson", "merger", "small"], "Name a scenario, or a lesson"),
        (["--lesson", "merger", "--from", "2005-04-01"], "Name a scenario, or a lesson"),
        (["--lesson", "merger", "--set", "population.childen=3"], "did you mean 'children'"),
        ([], "Name a scenario, or a lesson"),
    ],
)
def test_a_lesson_that_cannot_be_shown_says_why(arguments: list[str], says: str) -> None:
    told = CliRunner().invoke(main, ["show", *arguments, "--no-open", "--port", "0"])
    assert told.exit_code == 2
    assert says in " ".join(told.output.split())


# -- a class goes through it


def test_a_prompt_keeps_the_teachers_notes_from_the_class() -> None:
    lesson = load_lesson("merger")
    clock = lesson.systems()[0].clock
    seen = str([shown(lesson, number, clock) for number in range(len(lesson.prompts))])
    for prompt in lesson.prompts:
        assert prompt.do in seen
        assert prompt.say not in seen
        assert not prompt.expect or prompt.expect not in seen
    assert all(answer not in seen for answer in lesson.good_answer)
    assert lesson.ask in seen


def test_a_prompt_says_what_to_press_when_play_stands_where_it_was_pressed_for_the_figures() -> None:
    for name in LESSONS:
        lesson = load_lesson(name)
        asked = [act for number in range(len(lesson.prompts)) for act in lesson.acts_of(number)]
        assert asked == list(lesson.acts)
    assert (
        told(load_lesson("merger").acts[0])
        == "Press \N{LEFT DOUBLE QUOTATION MARK}Merge departments\N{RIGHT DOUBLE QUOTATION MARK}."
    )


def test_both_sides_of_a_lesson_are_one_until_the_class_acts() -> None:
    lesson = load_lesson("merger")
    room = room_of(lesson, *TINY)
    live(room, 52)
    left, right = (system.model for system in room.systems)
    assert room.week == 52
    np.testing.assert_array_equal(left.ties.table["trust"], right.ties.table["trust"])
    act_on(room.systems[1], lesson.acts[0])
    live(room, 1)
    assert (left.ties.table["trust"] != right.ties.table["trust"]).any()
    room.close()


def test_a_guide_lets_play_stand_still_where_a_prompt_says_so_and_goes_on_with_the_next() -> None:
    lesson = load_lesson("duty")
    room = room_of(lesson, *TINY)
    _, rendered = solara.render(solara.AppLayout(children=[Guide(room, lesson)]), handle_error=False)

    def panel() -> Any:
        (found,) = rendered.find(VueTemplate).widgets
        return found

    assert room.stands
    live(room, 5)
    assert room.week == 0
    panel().vue_go(1)
    assert not room.stands
    live(room, 60)
    assert room.week == 52
    assert room.stands
    panel().vue_go(2)
    assert panel().prompts[2]["acts"]
    live(room, 3)
    assert room.week == 55
    panel().vue_go(99)
    assert panel().at == len(lesson.prompts) - 1
    rendered.close()
    room.close()
