"""Which child to tell of: each word that can be looked for, with its rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from cpsim.results import RunResult
from cpsim.world import World

_DONE = ("care_started", "plan_started", "enquiry_started", "initial_started")
"""What is done about a family, the gravest first."""


class Found(NamedTuple):
    """A child, the week that its story turns on, and the onset of the spell, if it turns on one; weeks from week 0."""

    child: int
    week: int
    onset: int | None


@dataclass(frozen=True)
class Rule:
    """What a word looks for.

    Attributes:
        says: the rule in words.
        choose: from the runs, the first one first, and their world: columns child, week, onset, best first.
        of_two: whether it needs a second run.
    """

    says: str
    choose: Callable[[Sequence[RunResult], World], pd.DataFrame]
    of_two: bool = False


def _gravest(spells: pd.DataFrame) -> pd.DataFrame:
    """Spells by severity, the gravest first."""
    ordered = spells.sort_values(["severity", "child", "onset"], ascending=[False, True, True])
    return ordered.assign(week=ordered["onset"])[["child", "week", "onset"]]


def _with_result(result: str) -> Rule:
    def choose(runs: Sequence[RunResult], _: World) -> pd.DataFrame:
        spells = runs[0].spells
        return _gravest(spells[spells["result_13w"] == result])

    words = {"missed": "missed", "protected": "protected in time", "self_resolved": "over by itself in time"}
    return Rule(f"the gravest spell of harm that was {words[result]}", choose)


def _lost_at(says: str, *parts: str) -> Rule:
    def choose(runs: Sequence[RunResult], _: World) -> pd.DataFrame:
        spells = runs[0].spells
        return _gravest(spells[spells["cause_part"].isin(parts)])

    return Rule(f"the gravest missed spell {says}", choose)


def _turned(here: str, there: str, says: str) -> Rule:
    def choose(runs: Sequence[RunResult], _: World) -> pd.DataFrame:
        ours, theirs = (run.spells[run.spells["result_13w"] == result] for run, result in zip(
            runs, (here, there), strict=False
        ))  # fmt: skip
        both = ours.merge(theirs[["child", "onset"]], on=["child", "onset"])
        return _gravest(both)

    return Rule(says, choose, of_two=True)


def _serious(runs: Sequence[RunResult], _: World) -> pd.DataFrame:
    spells = runs[0].spells
    return _gravest(spells[(spells["result_13w"] == "missed") & spells["serious_week"].notna()])


def _false_alarm(runs: Sequence[RunResult], world: World) -> pd.DataFrame:
    family, spells = world.children.family, world.spells
    troubled = np.unique(family[spells.child[spells.harm & (spells.end > 0)]])
    events = runs[0].events
    last = int(runs[0].weekly.loc[runs[0].weekly["phase"] == "evaluated", "week"].max())
    done = events[events["stage"].isin(_DONE) & events["week"].between(0, last)]
    done = done[~np.isin(family[done["child"]], troubled)]
    done = done.assign(grade=done["stage"].astype(str).map(_DONE.index))
    number = done.groupby(["child", "grade"]).size().unstack(fill_value=0)
    most = number.sort_values(list(number.columns), ascending=False, kind="stable").index
    # It turns on the week in which the gravest of all began.
    turns = done.sort_values(["grade", "week"], kind="stable").groupby("child")["week"].first()
    return pd.DataFrame({"child": most, "week": turns.reindex(most).to_numpy(), "onset": None})


RULES: Final[dict[str, Rule]] = {
    "missed": _with_result("missed"),
    "protected": _with_result("protected"),
    "self-resolved": _with_result("self_resolved"),
    "rescued": _turned("missed", "protected", "the gravest spell missed here and protected in OTHER"),
    "lost": _turned("protected", "missed", "the gravest spell protected here and missed in OTHER"),
    "false-alarm": Rule(
        "in a family where nobody ever came to harm, the child about whom most was done: care, then plans, then "
        "section 47 enquiries, then initial assessments",
        _false_alarm,
    ),
    "serious-event": Rule("the gravest missed spell in which the child came to serious harm", _serious),
    "jigsaw": _lost_at("in which nobody put the pieces together", "C3b"),
    "no-opportunity": _lost_at("in which no professional met the child", "C0"),
    "never-noticed": _lost_at("in which nobody noticed anything", "C1a"),
    "too-weak": _lost_at("in which all that was on file was too weak", "C1b"),
    "not-recorded": _lost_at("in which nothing was written down", "C2"),
    "not-shared": _lost_at("in which an agency knew enough and did not tell", "C3a"),
    "lost-in-transit": _lost_at("in which no message arrived in time", "C4a", "C4b", "C4c"),
    "screened-out": _lost_at("that ended at the front door", "C5"),
    "queued": _lost_at("that stood in a queue", "C6a", "C6b", "C6c"),
    "misjudged": _lost_at("that was assessed and taken for less", "C7"),
    "too-late": _lost_at("in which protection was decided on and not in force in time", "C8"),
    "closed-too-early": _lost_at("in which help was withdrawn while the harm went on", "C9"),
}
"""Word -> its rule."""


def find(word: str, runs: Sequence[RunResult], world: World, nth: int) -> Found | None:
    """The `nth` child (1 is the first) that a word of `RULES` finds, None if there are fewer."""
    found = RULES[word].choose(runs, world)
    if nth > len(found):
        return None
    row = found.iloc[nth - 1]
    return Found(int(row["child"]), int(row["week"]), None if row["onset"] is None else int(row["onset"]))


def turning_point(child: int, runs: Sequence[RunResult]) -> Found | None:
    """What the story of a given child turns on.

    Its gravest spell of harm, else the first assessment of it or word about it; None if nothing ever happened.
    """
    own = _gravest(runs[0].spells[runs[0].spells["child"] == child])
    if len(own):
        return Found(child, int(own["week"].iloc[0]), int(own["onset"].iloc[0]))
    events = runs[0].events[runs[0].events["child"] == child]
    for stage in ("initial_started", "referred", "delivered", "shared", "recorded"):
        weeks = events.loc[events["stage"] == stage, "week"]
        if len(weeks):
            return Found(child, int(weeks.iloc[0]), None)
    return None
