"""Rules that choose the child of a story, by the keyword given to `--find`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import pandas as pd

from cpsim.measures.assessments import FINDINGS
from cpsim.results import RunResult
from cpsim.world import World

_STEPS = ("initial_started", "enquiry_started")
"""Stages with which an assessment begins."""


class ChosenChild(NamedTuple):
    """A child, the turning point of its story, and the onset of the spell there, None without one.

    Both weeks are counted from week 0.
    """

    child: int
    week: int
    onset: int | None


@dataclass(frozen=True)
class Rule:
    """What a keyword looks for.

    Attributes:
        description: the rule as a phrase.
        choose: returns a table of `child`, `week` and `onset`, best first, from the runs (the first is the one whose
            story it is) and their world.
        of_two: whether it compares two runs.
    """

    description: str
    choose: Callable[[Sequence[RunResult], World], pd.DataFrame]
    of_two: bool = False


def _sort_by_severity(spells: pd.DataFrame) -> pd.DataFrame:
    """Sort spells by severity, the most severe first."""
    ordered = spells.sort_values(["severity", "child", "onset"], ascending=[False, True, True])
    return ordered.assign(week=ordered["onset"])[["child", "week", "onset"]]


def _make_result_rule(result: str) -> Rule:
    def choose(runs: Sequence[RunResult], _: World) -> pd.DataFrame:
        return _sort_by_severity(runs[0].spells[runs[0].spell_results == result])

    ends = {
        "missed": "was missed",
        "protected": "was protected in time",
        "self_resolved": "ended without protection",
    }
    return Rule(f"the most severe spell of harm that {ends[result]}", choose)


def _make_stop_rule(description: str, *parts: str) -> Rule:
    def choose(runs: Sequence[RunResult], _: World) -> pd.DataFrame:
        spells = runs[0].spells
        return _sort_by_severity(spells[spells["stopped_at_part"].isin(parts)])

    return Rule(f"the most severe missed spell {description}", choose)


def _make_change_rule(here: str, there: str, description: str) -> Rule:
    def choose(runs: Sequence[RunResult], _: World) -> pd.DataFrame:
        first, other = (run.spells[run.spell_results == result] for run, result in zip(
            runs, (here, there), strict=False
        ))  # fmt: skip
        both = first.merge(other[["child", "onset"]], on=["child", "onset"])
        return _sort_by_severity(both)

    return Rule(description, choose, of_two=True)


def _choose_serious_event(runs: Sequence[RunResult], _: World) -> pd.DataFrame:
    spells, missed = runs[0].spells, runs[0].spell_results == "missed"
    return _sort_by_severity(spells[missed & spells["serious_week"].notna()])


def _make_assessment_rule(description: str, *states: str, enquiry: bool) -> Rule:
    """Make the rule that finds an assessment of a family by what was true, those with the gravest finding first."""

    def choose(runs: Sequence[RunResult], world: World) -> pd.DataFrame:
        assessments = runs[0].assessments
        own = assessments[assessments["true"].isin(states) & (assessments["enquiry"] | (not enquiry))]
        own = own.assign(gravity=own["found"].astype("str").map(list(FINDINGS).index))
        events = runs[0].events
        begun = events[events["stage"].isin(["enquiry_started"] if enquiry else _STEPS)]
        begun = begun[["child", "week"]].assign(family=world.children.family[begun["child"]])
        steps = own.merge(begun, on="family")
        steps = steps[steps["week"].between(steps["start"], steps["end"])]
        steps = steps.sort_values(["gravity", "week", "child"], ascending=[False, True, True])
        return steps.drop_duplicates("child")[["child", "week"]].assign(onset=None)

    return Rule(description, choose)


RULES: Final[dict[str, Rule]] = {
    "missed": _make_result_rule("missed"),
    "protected": _make_result_rule("protected"),
    "self-resolved": _make_result_rule("self_resolved"),
    "newly-reached": _make_change_rule(
        "missed", "protected", "the most severe spell missed here and protected in OTHER"
    ),
    "newly-missed": _make_change_rule(
        "protected", "missed", "the most severe spell protected here and missed in OTHER"
    ),
    "false-alarm": _make_assessment_rule(
        "the section 47 enquiry with the gravest finding in a family without harm, present or likely",
        "in_need",
        "additional_needs",
        "neither",
        enquiry=True,
    ),
    "assessed-neither": _make_assessment_rule(
        "the assessment with the gravest finding in a family with neither need nor harm",
        "neither",
        enquiry=False,
    ),
    "serious-event": Rule("the most severe missed spell with a serious event", _choose_serious_event),
    "jigsaw": _make_stop_rule("in which no one pooled the evidence of several agencies", "C3b"),
    "no-opportunity": _make_stop_rule("in which no practitioner met the child", "C0"),
    "never-noticed": _make_stop_rule("in which no practitioner noticed a sign", "C1a"),
    "too-weak": _make_stop_rule("in which the signs on file were too weak", "C1b"),
    "not-recorded": _make_stop_rule("in which no sign was recorded", "C2"),
    "not-shared": _make_stop_rule(
        "in which an agency's evidence crossed its threshold and it made no contact", "C3a"
    ),
    "lost-in-transit": _make_stop_rule("in which no message arrived in time", "C4a", "C4b", "C4c"),
    "screened-out": _make_stop_rule("that was screened out at the front door", "C5"),
    "queued": _make_stop_rule("that was waiting in a queue", "C6a", "C6b", "C6c"),
    "assessed-below-threshold": _make_stop_rule("that was assessed to be below the threshold", "C7"),
    "too-late": _make_stop_rule("in which protection was decided on but not in force in time", "C8"),
    "closed-in-harm": _make_stop_rule("in which the case was closed while the child was in harm", "C9a"),
}
"""Keyword of `--find` -> its rule."""


def find_child(keyword: str, runs: Sequence[RunResult], world: World, nth: int) -> ChosenChild | None:
    """Return the `nth` child (from 1) that a keyword of `RULES` finds, None if there are fewer."""
    found = RULES[keyword].choose(runs, world)
    if nth > len(found):
        return None
    row = found.iloc[nth - 1]
    onset = None if row["onset"] is None else int(row["onset"])
    return ChosenChild(int(row["child"]), int(row["week"]), onset)


def find_turning_point(child: int, runs: Sequence[RunResult]) -> ChosenChild | None:
    """Return the turning point of the story of a given child.

    It is the onset of the child's most severe spell of harm, or else the first assessment, referral, contact or record;
    None if nothing was ever recorded about the child.
    """
    own = _sort_by_severity(runs[0].spells[runs[0].spells["child"] == child])
    if len(own):
        return ChosenChild(child, int(own["week"].iloc[0]), int(own["onset"].iloc[0]))
    events = runs[0].events[runs[0].events["child"] == child]
    for stage in ("initial_started", "referred", "delivered", "shared", "recorded"):
        weeks = events.loc[events["stage"] == stage, "week"]
        if len(weeks):
            return ChosenChild(child, int(weeks.iloc[0]), None)
    return None
