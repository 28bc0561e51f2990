"""Prepared lessons: what a class does beside the live model, minute by minute, and what it must not conclude.

A lesson is a file of `lessons/`, read like a scenario: a fault is told with its line. Two systems begin as one. What
sets the right one apart is the timeline of its scenario, or what the class does to it (`acts`) while play stands; its
figures were measured on just that.
"""

from __future__ import annotations

import os
import string
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from cpsim.scenario import merge
from cpsim.scenario.clock import evaluated_weeks
from cpsim.scenario.guide import Location
from cpsim.scenario.language import Check, Finding, Language
from cpsim.scenario.nodes import Node
from cpsim.scenario.problems import Place, Problem, ScenarioError, did_you_mean, listed, shown
from cpsim.scenario.read import load
from cpsim.scenario.schema import Scenario
from cpsim.scenario.sections import Section
from cpsim.visualiser.controls import BUTTONS, SLIDERS
from cpsim.visualiser.figures import FIGURES, Shows, measured

if TYPE_CHECKING:
    from cpsim.visualiser.classroom import System

MINUTES = 50
"""How long a lesson is."""

_Line = Annotated[str, Field(min_length=1, max_length=300)]
_Text = Annotated[str, Field(min_length=1, max_length=2_000)]
_PLACEHOLDERS = ("left", "right", "spread", "by", "difference", "interval", "here", "seeds", "rises", "falls")


_BUTTONS = {button.label: button for button in BUTTONS}
_SLIDERS = {f"{slider.lever}.{slider.setting}": slider for slider in SLIDERS}


class Press(Section):
    """The class presses a button of the page, on the right."""

    do: Literal["press"]
    week: int = Field(ge=0, description="the week in which play stands, counted from week 0")
    what: str = Field(description="the name that stands on the button")


class Turn(Section):
    """The class moves a slider of the page, on the right."""

    do: Literal["turn"]
    week: int = Field(ge=0, description="the week in which play stands, counted from week 0")
    what: str = Field(description="the slider, by its lever and what it sets of it: duty.awareness")
    to: float = Field(description="where it is moved to")
    kinds: tuple[str, ...] = Field(
        strict=False, min_length=1, description="the kinds of agency that it is moved for"
    )


Act = Annotated[Press | Turn, Field(discriminator="do")]
Acts = Annotated[tuple[Act, ...], Field(strict=False)]


class Prompt(Section):
    """One step of a lesson."""

    title: _Line = Field(description="its heading")
    minutes: int = Field(ge=1, le=MINUTES, description="how long it takes")
    do: _Text = Field(description="what the class does")
    look: str = Field(default="", max_length=2_000, description="what to look at")
    write: str = Field(default="", max_length=2_000, description="what everybody writes down")
    plays_until: int | None = Field(
        default=None, ge=0, description="week at which play stands still; nothing if the model rests"
    )
    shows_figures: bool = Field(default=False, description="whether the measured figures are shown")
    say: _Text = Field(description="notes for the teacher: what to say")
    expect: str = Field(
        default="", max_length=2_000, description="notes for the teacher: what students usually think"
    )


class Claim(Section):
    """A sentence that the lesson stands for, with the figure that was measured for it."""

    figure: str = Field(description="name of the figure")
    shows: Shows = Field(description="what its interval shows: more on the right, fewer, or nothing")
    says: _Text = Field(description="the sentence; {left}, {difference}, {interval} stand for numbers")
    variant: str | None = Field(default=None, description="the variant that it speaks of, if not the lesson")


class Lesson(Section):
    """A lesson of fifty minutes."""

    name: str = Field(pattern=r"^[a-z][a-z_]*$", description="its name on the command line")
    title: _Line = Field(description="its name for the class")
    question: _Text = Field(description="the question of the lesson")
    aim: _Text = Field(description="what students can do afterwards")
    scenario: str = Field(description="the shipped scenario on the right; the left one has no timeline")
    sides: tuple[_Line, _Line] = Field(strict=False, description="names of the left and of the right system")
    seed: int = Field(ge=0, le=2**32 - 1, description="the seed that was chosen as a typical one")
    acts: Acts = Field(default=(), description="what the class does to the system on the right")
    variants: dict[str, Acts] = Field(
        default_factory=dict, description="other things that were measured, instead of the acts"
    )
    prompts: tuple[Prompt, ...] = Field(strict=False, min_length=1, description="its steps")
    claims: tuple[Claim, ...] = Field(
        default=(), strict=False, description="what it says in numbers, each as it was measured"
    )
    hand_out: _Text = Field(description="what students read before they begin")
    ask: _Text = Field(description="the question at the end")
    good_answer: tuple[_Text, ...] = Field(
        strict=False, min_length=1, description="what a good answer holds; for the teacher alone"
    )
    not_to_conclude: tuple[_Text, ...] = Field(
        strict=False, min_length=1, description="what must not be concluded"
    )

    def systems(self, overrides: Sequence[str] = ()) -> tuple[Scenario, Scenario]:
        """The scenarios on the left and on the right, as they are before anybody acts; `overrides` as for `load`.

        Raises:
            ScenarioError: an override is wrong.
        """
        left, right = load(self.scenario, [*overrides, "timeline=[]"]), load(self.scenario, overrides)
        names = zip((left, right), self.sides, strict=True)
        one, other = (scenario.model_copy(update={"name": name}) for scenario, name in names)
        return one, other

    def stands(self, number: int) -> int | None:
        """The week at which play stands still during a prompt, from week 0; None where it need not, at the end.

        While the model rests it stands where the last prompt left it.
        """
        if number == len(self.prompts) - 1:
            return None
        return max(prompt.plays_until or 0 for prompt in self.prompts[: number + 1])

    def acts_of(self, number: int) -> tuple[Press | Turn, ...]:
        """What the class does when a prompt begins, before it plays on."""
        prompt = self.prompts[number]
        if prompt.plays_until is None or number == 0:
            return ()
        return tuple(act for act in self.acts if act.week == self.stands(number - 1))

    @property
    def towns(self) -> int:
        """Over how many seeds its figures were measured; 0 if it claims nothing."""
        return max((measured()[self.key(claim), claim.figure].seeds for claim in self.claims), default=0)

    def sentence(self, claim: Claim) -> str:
        """A claim with the numbers that were measured for it."""
        figure = measured()[self.key(claim), claim.figure]
        return claim.says.format(**figure.words(FIGURES[claim.figure][1]))

    def key(self, claim: Claim) -> str:
        """The name under which the figures of a claim stand."""
        return self.name if claim.variant is None else f"{self.name}/{claim.variant}"


def act_on(system: System, act: Press | Turn) -> None:
    """Do to a system what the class does on the page; it takes effect in the week that is lived next."""
    if isinstance(act, Press):
        system.press(_BUTTONS[act.what])
    else:
        system.turn(_SLIDERS[act.what], act.kinds, act.to)


def told(act: Press | Turn) -> str:
    """What the class is to do on the page, in words."""
    if isinstance(act, Press):
        return f"Press “{act.what}”."
    slider, kinds = _SLIDERS[act.what], " and ".join(act.kinds)
    label = f"“{slider.label}”"
    return f"For {kinds}, move {label} to: {slider.shown(act.to)}."


def shipped() -> dict[str, Path]:
    """The lessons that come with cpsim: name -> file."""
    folder = Path(str(files("cpsim.visualiser").joinpath("lessons")))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def load_lesson(path_or_name: str | os.PathLike[str]) -> Lesson:
    """Read a lesson: the name of one that comes with cpsim (`jigsaw`), or the path of a file.

    Raises:
        ScenarioError: it cannot be used; the error lists every fault with its file, line and column.
    """
    known = shipped()
    path = known.get(str(path_or_name), Path(path_or_name))
    if not path.suffix:
        hint = did_you_mean(str(path_or_name), known) or f"; there are {listed(known)}"
        raise ScenarioError([Problem(f"there is no lesson {shown(str(path_or_name))}{hint}", Place())])
    problems: list[Problem] = []
    return LESSONS.validated(merge.settings(path, problems), problems)


# -- rules between settings


def minutes_add_up(lesson: Lesson) -> Iterator[Finding]:
    """A lesson is as long as a lesson."""
    total = sum(prompt.minutes for prompt in lesson.prompts)
    if total != MINUTES:
        yield ("prompts",), f"the minutes of the prompts add up to {total}; a lesson has {MINUTES}"


def _shipped_scenario(lesson: Lesson) -> Scenario | None:
    """The scenario of a lesson; None if there is none, of which another rule speaks."""
    try:
        return load(lesson.scenario)
    except ScenarioError:
        return None


def the_scenario_is_there(lesson: Lesson) -> Iterator[Finding]:
    """It is one that comes with cpsim, so that figures can be measured for it."""
    try:
        load(lesson.scenario)
    except ScenarioError as error:
        yield ("scenario",), error.problems[0].message


def time_runs_forward(lesson: Lesson) -> Iterator[Finding]:
    """Play stands still where it has not been yet, before the years shown are over."""
    scenario = _shipped_scenario(lesson)
    if scenario is None:
        return
    last, end = 0, evaluated_weeks(scenario.clock)
    for index, prompt in enumerate(lesson.prompts):
        if prompt.plays_until is None:
            continue
        if not last < prompt.plays_until <= end:
            yield (
                ("prompts", index, "plays_until"),
                f"expected a week after {last} and up to {end}, not {prompt.plays_until}",
            )
        last = max(last, prompt.plays_until)


def what_the_class_does_is_on_the_page(lesson: Lesson) -> Iterator[Finding]:
    """Each act is a control of the page, and done while play stands."""
    controls: dict[str, Mapping[str, object]] = {"press": _BUTTONS, "turn": _SLIDERS}
    stands = {prompt.plays_until for prompt in lesson.prompts}
    for where, act in _all_acts(lesson):
        if act.what not in controls[act.do]:
            hint = did_you_mean(act.what, controls[act.do]) or f"; there are {listed(controls[act.do])}"
            yield (*where, "what"), f"nothing on the page is called {shown(act.what)}{hint}"
        if act.week not in stands:
            yield (*where, "week"), f"no prompt plays until week {act.week}, so nobody can do it then"


def whom_the_class_moves_is_there(lesson: Lesson) -> Iterator[Finding]:
    """A slider is moved for kinds of agency that the scenario has."""
    scenario = _shipped_scenario(lesson)
    if scenario is None:
        return
    for where, act in _all_acts(lesson):
        for kind in act.kinds if isinstance(act, Turn) else ():
            if kind not in scenario.kinds:
                hint = did_you_mean(kind, scenario.kinds) or f"; there are {listed(scenario.kinds)}"
                yield (*where, "kinds"), f"no kind of agency is called {shown(kind)}{hint}"


def _all_acts(lesson: Lesson) -> Iterator[tuple[Location, Press | Turn]]:
    """The acts of a lesson and of its variants, each with where it stands."""
    for index, act in enumerate(lesson.acts):
        yield ("acts", index), act
    for name, acts in lesson.variants.items():
        for index, act in enumerate(acts):
            yield ("variants", name, index), act


def what_is_claimed_was_measured(lesson: Lesson) -> Iterator[Finding]:
    """No sentence without its figure, and none that says what the figure does not show."""
    for index, claim in enumerate(lesson.claims):
        if claim.variant is not None and claim.variant not in lesson.variants:
            hint = did_you_mean(claim.variant, lesson.variants) or f"; there are {listed(lesson.variants)}"
            yield ("claims", index, "variant"), f"there is no variant {shown(claim.variant)}{hint}"
            continue
        figure = measured().get((lesson.key(claim), claim.figure))
        if figure is None:
            known = claim.figure in FIGURES
            hint = "" if known else did_you_mean(claim.figure, FIGURES) or f"; there are {listed(FIGURES)}"
            yield ("claims", index, "figure"), f"no figure {shown(claim.figure)} was measured{hint}"
        elif figure.shows != claim.shows:
            yield ("claims", index, "shows"), f"what was measured shows {figure.shows}, not {claim.shows}"
        for name in _placeholders(claim.says):
            if name not in _PLACEHOLDERS:
                hint = did_you_mean(name, _PLACEHOLDERS) or f"; there are {listed(_PLACEHOLDERS)}"
                yield ("claims", index, "says"), f"no number is called {{{name}}}{hint}"


def _placeholders(text: str) -> list[str]:
    """Names in braces; a text with a brace that has no partner has one that nobody knows."""
    try:
        return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:
        return [text]


def _no_such_act(node: Node) -> Problem:
    """An act that is neither to press nor to turn."""
    told, ways = node.beneath("do"), ("press", "turn")
    if told is None or not isinstance(told.value, str):
        return Problem(f"expected do: {' or '.join(ways)}", told.at if told else node.at, node.path)
    return Problem(f"a class cannot {shown(told.value)}; it can {' or '.join(ways)}", told.at, told.path)


LESSONS = Language(
    Lesson,
    [
        Check(minutes_add_up, ("prompts", "prompts.")),
        Check(the_scenario_is_there, ("scenario",)),
        Check(time_runs_forward, ("scenario", "prompts", "prompts.")),
        Check(what_the_class_does_is_on_the_page, ("acts", "acts.", "variants", "variants.", "prompts.")),
        Check(whom_the_class_moves_is_there, ("scenario", "acts", "acts.", "variants", "variants.")),
        Check(what_is_claimed_was_measured, ("name", "claims", "claims.", "variants")),
    ],
    foundation="scenario",
    unknown_branch=_no_such_act,
)
"""The language of lesson files."""
