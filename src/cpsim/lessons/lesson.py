"""Prepared lessons: what a class does with the running model, step by step, and what it must not conclude.

A lesson is a file in `lessons/`, validated like a scenario: every error is reported with its line. Both systems begin
alike. The right one differs by the timeline of its scenario, or by what the class does to it (`actions`) while play is
stopped; the outcomes that the lesson quotes were measured with exactly these changes.
"""

from __future__ import annotations

import os
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from cpsim.constants import MAX_SEED
from cpsim.lessons.figures import LESSON_OUTCOMES, Direction, load_measured
from cpsim.live.controls import BUTTONS, SLIDERS
from cpsim.live.session import Show, System
from cpsim.live.shapes import find_styles
from cpsim.scenario import merge
from cpsim.scenario.clock import evaluated_weeks
from cpsim.scenario.file_format import Check, FileFormat, Finding, find_repeats
from cpsim.scenario.guide import Location
from cpsim.scenario.nodes import Node
from cpsim.scenario.problems import (
    Place,
    Problem,
    ScenarioError,
    format_options,
    format_value,
    suggest_nearest,
)
from cpsim.scenario.read import find_shipped_scenarios, load
from cpsim.scenario.renamed import suggest_new_name
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sections import Line, Paragraphs, SettingsSection
from cpsim.scenario.text import escape_unsafe

MINUTES = 50
"""Length of a lesson."""

_Line = Annotated[Line, Field(min_length=1, max_length=300)]
_Text = Annotated[Paragraphs, Field(min_length=1, max_length=2_000)]
_PLACEHOLDERS = ("left", "right", "spread", "by", "difference", "interval", "here", "seeds", "rises", "falls")


_BUTTONS = {button.label: button for button in BUTTONS}
_SLIDERS = {f"{slider.lever}.{slider.setting}": slider for slider in SLIDERS}


class PressButton(SettingsSection):
    """The class presses a button for the system on the right."""

    do: Literal["press"]
    week: int = Field(ge=0, description="week at which play is stopped, counted from week 0")
    control: str = Field(description="label of the button")


class MoveSlider(SettingsSection):
    """The class moves a slider for the system on the right."""

    do: Literal["move"]
    week: int = Field(ge=0, description="week at which play is stopped, counted from week 0")
    control: str = Field(description="the slider, as its lever and setting: duty.awareness")
    to: float = Field(description="its new value")
    kinds: tuple[str, ...] = Field(
        strict=False, min_length=1, description="the kinds of agency for which it is moved"
    )


Action = Annotated[PressButton | MoveSlider, Field(discriminator="do")]
Actions = Annotated[tuple[Action, ...], Field(strict=False)]


class Prompt(SettingsSection):
    """One step of a lesson."""

    title: _Line = Field(description="heading")
    minutes: int = Field(ge=1, le=MINUTES, description="duration in minutes")
    do: _Text = Field(description="what the class does")
    look: Paragraphs = Field(default="", max_length=2_000, description="what to look at")
    write: Paragraphs = Field(default="", max_length=2_000, description="what each student writes down")
    plays_until: int | None = Field(
        default=None, ge=0, description="week at which play stops; leave out if the model is not run"
    )
    shows_results: bool = Field(default=False, description="whether the measured results can be shown")
    say: _Text = Field(description="notes for the teacher: what to say")
    expect: Paragraphs = Field(
        default="", max_length=2_000, description="notes for the teacher: what students may think"
    )


class LessonClaim(SettingsSection):
    """A sentence with numbers, and the measured outcome from which they come."""

    outcome: str = Field(description="name of the outcome")
    shows: Direction = Field(description="what its interval shows: more on the right, fewer, or nothing")
    sentence: _Text = Field(
        description="the sentence; {left}, {difference}, {interval} are replaced by numbers"
    )
    variant: str | None = Field(
        default=None, description="the variant that was measured, if not the lesson itself"
    )


class Lesson(SettingsSection):
    """A lesson of 50 minutes."""

    name: str = Field(pattern=r"^[a-z][a-z_]*$", description="name on the command line")
    title: _Line = Field(description="title for the class")
    question: _Text = Field(description="the question of the lesson")
    aim: _Text = Field(description="what students can do afterwards")
    scenario: str = Field(description="the shipped scenario on the right; the left one has no timeline")
    sides: tuple[_Line, _Line] = Field(strict=False, description="names of the left and of the right system")
    seed: int = Field(ge=0, le=MAX_SEED, description="the seed, chosen because its results are typical")
    actions: Actions = Field(default=(), description="what the class does to the system on the right")
    variants: dict[_Line, Actions] = Field(
        default_factory=dict, description="other actions that were measured instead of `actions`"
    )
    prompts: tuple[Prompt, ...] = Field(strict=False, min_length=1, description="the steps of the lesson")
    claims: tuple[LessonClaim, ...] = Field(
        default=(), strict=False, description="sentences with measured numbers"
    )
    hand_out: _Text = Field(description="what students read before they begin")
    ask: _Text = Field(description="the question at the end")
    good_answer: tuple[_Text, ...] = Field(
        strict=False, min_length=1, description="what a good answer contains; shown only to the teacher"
    )
    not_to_conclude: tuple[_Text, ...] = Field(
        strict=False, min_length=1, description="what must not be concluded"
    )

    def load_systems(self, overrides: Sequence[str] = ()) -> tuple[Scenario, Scenario]:
        """Load the scenarios on the left and on the right, before any action of the class.

        Args:
            overrides: settings as for `load`, applied to both scenarios.

        Raises:
            ScenarioError: an override is not valid.
        """
        left, right = load(self.scenario, [*overrides, "timeline=[]"]), load(self.scenario, overrides)
        names = zip((left, right), self.sides, strict=True)
        one, other = (scenario.model_copy(update={"name": name}) for scenario, name in names)
        return one, other

    def stop_week(self, number: int) -> int | None:
        """Week at which play stops during a prompt, counted from week 0; None during the last prompt.

        During a prompt without `plays_until` play remains stopped at the week of an earlier prompt.
        """
        if number == len(self.prompts) - 1:
            return None
        return max(prompt.plays_until or 0 for prompt in self.prompts[: number + 1])

    def select_actions(self, number: int) -> tuple[PressButton | MoveSlider, ...]:
        """Select what the class does at the beginning of a prompt, before play continues."""
        prompt = self.prompts[number]
        if prompt.plays_until is None or number == 0:
            return ()
        return tuple(action for action in self.actions if action.week == self.stop_week(number - 1))

    @property
    def town_count(self) -> int:
        """Number of seeds over which its outcomes were measured; 0 if it has no claims."""
        outcomes = (load_measured()[self.result_key(claim), claim.outcome] for claim in self.claims)
        return max((outcome.seeds for outcome in outcomes), default=0)

    def format_claim(self, claim: LessonClaim) -> str:
        """Fill the measured numbers into the sentence of a claim."""
        outcome = load_measured()[self.result_key(claim), claim.outcome]
        return claim.sentence.format(**outcome.format_numbers(LESSON_OUTCOMES[claim.outcome].digits))

    def result_key(self, claim: LessonClaim) -> str:
        """Key of the measured outcomes of a claim: the lesson, or `lesson/variant`."""
        return self.name if claim.variant is None else f"{self.name}/{claim.variant}"


@dataclass(frozen=True)
class LessonShow(Show):
    """The settings of a show whose page has the prompts of a lesson next to the model.

    Attributes:
        lesson: the lesson.
    """

    lesson: Lesson


def perform_action(system: System, action: PressButton | MoveSlider) -> None:
    """Press the button or move the slider of an action in a system; it takes effect in the next week."""
    if isinstance(action, PressButton):
        system.press(_BUTTONS[action.control])
    else:
        system.move(_SLIDERS[action.control], action.kinds, action.to)


def describe_action(action: PressButton | MoveSlider) -> str:
    """Describe for the class what it is to do on the page."""
    if isinstance(action, PressButton):
        return f"Press “{action.control}”."
    slider = _SLIDERS[action.control]
    labels = " and ".join(f"“{style['label']}”" for style in find_styles(list(action.kinds)))
    return f"Choose {labels} and move “{slider.label}” to {slider.format_value(action.to)}."


def list_shipped_lessons() -> dict[str, Path]:
    """Return the lessons that come with cpsim: name -> file.

    >>> list(list_shipped_lessons())
    ['duty', 'jigsaw', 'merger']
    """
    folder = Path(str(files("cpsim.lessons")))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load_lesson(path_or_name: str | os.PathLike[str]) -> Lesson:
    """Load a lesson by the name of a shipped lesson or the path of a file.

    Raises:
        ScenarioError: the lesson is not valid; the error lists every problem with its file, line and column.

    >>> load_lesson("merger").title
    'The merger'
    """
    known = list_shipped_lessons()
    path = known.get(str(path_or_name), Path(path_or_name))
    if not path.suffix:
        hint = suggest_nearest(str(path_or_name), known) or f"; the lessons are {format_options(known)}"
        raise ScenarioError([Problem(f"there is no lesson {format_value(str(path_or_name))}{hint}", Place())])
    problems: list[Problem] = []
    return LESSON_FORMAT.validate(merge.read_settings(path, problems), problems)


# -- rules between settings


def check_minutes(lesson: Lesson) -> Iterator[Finding]:
    """Check that the prompts fill the time of a lesson."""
    total = sum(prompt.minutes for prompt in lesson.prompts)
    if total != MINUTES:
        yield ("prompts",), f"the minutes of the prompts add up to {total}; a lesson has {MINUTES} minutes"


def check_lists(lesson: Lesson) -> Iterator[Finding]:
    """Check that nothing is listed twice, and that the two systems have different names."""
    for name in ("sides", "good_answer", "not_to_conclude"):
        for index, message in find_repeats(getattr(lesson, name)):
            yield (name, index), message
    for index, message in find_repeats(claim.sentence for claim in lesson.claims):
        yield ("claims", index, "sentence"), message
    for where, action in _list_actions(lesson):
        for place, message in find_repeats(action.kinds if isinstance(action, MoveSlider) else ()):
            yield (*where, "kinds", place), message


def _load_scenario(lesson: Lesson) -> Scenario | None:
    """Load the scenario of a lesson; None if it is not valid, which `check_scenario` reports."""
    try:
        return load(lesson.scenario) if lesson.scenario in find_shipped_scenarios() else None
    except ScenarioError:
        return None


def check_scenario(lesson: Lesson) -> Iterator[Finding]:
    """Check that the scenario comes with cpsim and can be loaded."""
    if lesson.scenario not in find_shipped_scenarios():
        hint = suggest_nearest(lesson.scenario, find_shipped_scenarios())
        yield ("scenario",), f"no scenario {format_value(lesson.scenario)} comes with cpsim{hint}"
        return
    try:
        load(lesson.scenario)
    except ScenarioError as error:
        yield ("scenario",), error.problems[0].message


def check_stop_weeks(lesson: Lesson) -> Iterator[Finding]:
    """Check that play stops at later and later weeks, within the evaluated weeks."""
    scenario = _load_scenario(lesson)
    if scenario is None:
        return
    last, end = 0, evaluated_weeks(scenario.clock)
    for index, prompt in enumerate(lesson.prompts):
        if prompt.plays_until is None:
            continue
        if not last < prompt.plays_until <= end:
            yield (
                ("prompts", index, "plays_until"),
                f"expected a week from {last + 1} to {end}, not {prompt.plays_until}",
            )
        last = max(last, prompt.plays_until)


def check_controls(lesson: Lesson) -> Iterator[Finding]:
    """Check that each action uses a control of the page, in a week at which play is stopped."""
    controls: dict[str, Mapping[str, object]] = {"press": _BUTTONS, "move": _SLIDERS}
    stop_weeks = {prompt.plays_until for prompt in lesson.prompts}
    for where, action in _list_actions(lesson):
        options = controls[action.do]
        if action.control not in options:
            hint = suggest_nearest(action.control, options) or f"; the controls are {format_options(options)}"
            yield (*where, "control"), f"the page has no control {format_value(action.control)}{hint}"
        if action.week not in stop_weeks:
            yield (
                (*where, "week"),
                f"no prompt plays until week {action.week}, so the class cannot do this then",
            )


def check_kinds(lesson: Lesson) -> Iterator[Finding]:
    """Check that sliders are moved for kinds of agency that the scenario has."""
    scenario = _load_scenario(lesson)
    if scenario is None:
        return
    for where, action in _list_actions(lesson):
        for kind in action.kinds if isinstance(action, MoveSlider) else ():
            if kind not in scenario.kinds:
                options = scenario.kinds
                hint = suggest_nearest(kind, options) or f"; the kinds are {format_options(options)}"
                yield (*where, "kinds"), f"there is no kind of agency {format_value(kind)}{hint}"


def _list_actions(lesson: Lesson) -> Iterator[tuple[Location, PressButton | MoveSlider]]:
    """List the actions of a lesson and of its variants, each with its location in the file."""
    for index, action in enumerate(lesson.actions):
        yield ("actions", index), action
    for name, actions in lesson.variants.items():
        for index, action in enumerate(actions):
            yield ("variants", name, index), action


def check_claims(lesson: Lesson) -> Iterator[Finding]:
    """Check that each claim has a measured outcome and states what that outcome shows."""
    for index, claim in enumerate(lesson.claims):
        if claim.variant is not None and claim.variant not in lesson.variants:
            hint = (
                suggest_nearest(claim.variant, lesson.variants)
                or f"; the variants are {format_options(lesson.variants)}"
            )
            yield ("claims", index, "variant"), f"there is no variant {format_value(claim.variant)}{hint}"
            continue
        outcome = load_measured().get((lesson.result_key(claim), claim.outcome))
        if outcome is None:
            is_known = claim.outcome in LESSON_OUTCOMES
            hint = (
                ""
                if is_known
                else suggest_new_name("outcome of a lesson", claim.outcome)
                or suggest_nearest(claim.outcome, LESSON_OUTCOMES)
                or f"; the outcomes are {format_options(LESSON_OUTCOMES)}"
            )
            yield (
                ("claims", index, "outcome"),
                f"the outcome {format_value(claim.outcome)} was not measured{hint}",
            )
        elif outcome.direction != claim.shows:
            yield (
                ("claims", index, "shows"),
                f"the measured outcome shows {outcome.direction}, not {claim.shows}",
            )
        for name in _find_placeholders(claim.sentence):
            if name not in _PLACEHOLDERS:
                hint = (
                    suggest_nearest(name, _PLACEHOLDERS)
                    or f"; the placeholders are {format_options(_PLACEHOLDERS)}"
                )
                yield (
                    ("claims", index, "sentence"),
                    f"there is no placeholder {{{escape_unsafe(name)}}}{hint}",
                )


def _find_placeholders(text: str) -> list[str]:
    """Return the names in braces; for a text with an unmatched brace, the text itself, which is no valid name."""
    try:
        return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:
        return [text]


def _report_unknown_action(node: Node) -> Problem:
    """Report an action that is neither `press` nor `move`."""
    found, options = node.get("do"), ("press", "move")
    if found is None or not isinstance(found.value, str):
        return Problem(f"expected do: {' or '.join(options)}", found.at if found else node.at, node.path)
    return Problem(
        f"there is no action {format_value(found.value)}; use {' or '.join(options)}", found.at, found.path
    )


LESSON_FORMAT = FileFormat(
    Lesson,
    [
        Check(check_minutes, ("prompts", "prompts.")),
        Check(check_lists, ("actions", "actions.", "variants", "variants.", "claims", "claims.")),
        Check(check_scenario, ("scenario",)),
        Check(check_stop_weeks, ("scenario", "prompts", "prompts.")),
        Check(check_controls, ("actions", "actions.", "variants", "variants.", "prompts.")),
        Check(check_kinds, ("scenario", "actions", "actions.", "variants", "variants.")),
        Check(check_claims, ("name", "claims", "claims.", "variants")),
    ],
    foundation="scenario",
    unknown_branch=_report_unknown_action,
)
"""The format of lesson files and the rules between their settings."""
