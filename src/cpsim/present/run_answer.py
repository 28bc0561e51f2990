"""The answer of one run in sentences: what was missed, or that one run cannot answer what the scenario asks."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from cpsim.formatting import (
    FEWEST,
    format_count,
    format_decimals,
    format_list,
    format_outcome,
    format_percent,
    format_share,
    lower_first,
    pluralise,
    raise_first,
)
from cpsim.measures.horizons import result_column
from cpsim.measures.outcomes import OUTCOMES
from cpsim.present.chance import differ_beyond_chance
from cpsim.present.load import BROKEN_DOWN, describe_load
from cpsim.results.names import STOPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cpsim.results.run_result import RunResult

_IN_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_YES_OR_NO: Final = re.compile(r"(do|does|did|is|are|was|were|would|will|can|could|should|has|have)\b", re.I)
_OF_CHANGE: Final = re.compile(r"\b(chang\w+|more|fewer|less|better|worse|instead|gain\w*|effects?)\b", re.I)
_FILE: Final = "scenario.yaml"
_OF_SPELLS: Final = (
    "of spells of harm"  # axis of outcomes that are shares of the spells that could be followed
)
_HORIZON: Final = re.compile(r"_(\d+)w$")
MOST_NAMED: Final = 3
"""Most stops of the chain that a sentence names; the others are counted together."""


@dataclass(frozen=True)
class CompareLine:
    """The command that compares the scenario of a run with a reference.

    Attributes:
        reference: name or path of the reference.
        scenario: name or path of the scenario as the user gave it; None for the file in the folder of the run.
        overrides: settings to override in both, each `path=value`.

    >>> print(CompareLine("small", "my duty.yaml", ("clock.years=3",)))
    cpsim compare small 'my duty.yaml' --set clock.years=3
    """

    reference: str = "baseline"
    scenario: str | None = None
    overrides: tuple[str, ...] = ()

    def __str__(self) -> str:
        words = ["cpsim", "compare", self.reference, self.scenario or _FILE]
        return shlex.join([*words, *(word for each in self.overrides for word in ("--set", each))])


OWN_FILE: Final = CompareLine()
"""The line of a run whose scenario has no name to type: it names the file in the folder of the run."""


@dataclass(frozen=True)
class RunAnswer:
    """The sentences that a run begins with.

    Attributes:
        refusal: says that one run cannot answer what the scenario asks, up to the command to type; empty if it can.
        command: the command to type; empty with an empty refusal.
        after: the end of the sentence after the command.
        sentences: what the run itself shows: a breakdown of the system, misses, and overload.
    """

    refusal: str
    command: str
    after: str
    sentences: tuple[str, ...]

    @property
    def first(self) -> str:
        """The first sentence, with the command in backticks."""
        return f"{self.refusal} `{self.command}`{self.after}" if self.refusal else self.sentences[0]

    @property
    def others(self) -> tuple[str, ...]:
        """The sentences after the first."""
        return self.sentences if self.refusal else self.sentences[1:]


def create_answer(result: RunResult, line: CompareLine = OWN_FILE) -> RunAnswer:
    """Create the first sentences of a run.

    Args:
        result: the result of the run.
        line: the command that compares its scenario with a reference.
    """
    refusal = _describe_refusal(result.scenario)
    command, after = _choose_command(result, line) if refusal else ("", "")
    return RunAnswer(refusal, command, after, tuple(_list_sentences(result)))


def _describe_refusal(scenario: Mapping[str, Any]) -> str:
    """Say that one run cannot answer what a scenario asks, because it compares nothing; empty if it can."""
    name, question = scenario["name"], scenario.get("question") or ""
    if scenario.get("timeline"):
        what = f"show what the events of {name} change"
    elif asks_for_change(question):
        what = f"answer the question of {name}"
    else:
        return ""
    return f"One run cannot {what}, because it compares nothing; to compare, type"


def asks_for_change(question: str) -> bool:
    """Return whether a question asks for a comparison: a question for yes or no, or one with a word for a change.

    >>> asks_for_change("Does a duty help?"), asks_for_change("What does a duty change?")
    (True, True)
    >>> asks_for_change("How many children does a small authority miss?")
    False
    """
    return bool(_YES_OR_NO.match(question) or _OF_CHANGE.search(question))


def _choose_command(result: RunResult, line: CompareLine) -> tuple[str, str]:
    """Return the command that leads to a comparison, and the end of the sentence after it."""
    if result.scenario.get("authorities", {}).get("tile_children") is not None:
        command = shlex.join(["cpsim", "run", line.reference, "--seed", str(result.seed)])
        return command, " too, and read the two pages side by side."
    return str(line), "." if line.scenario else " in the folder of this run."


def _list_sentences(result: RunResult) -> list[str]:
    hours = result.summary["utilisation_mean"]
    hours = hours if isinstance(hours, float) else 0.0
    load = describe_load(hours)
    misses = [describe_misses(result), *_describe_authorities(result)]
    if not load:
        return misses
    overload = f"{raise_first(load)}."
    return [overload, *misses] if hours > BROKEN_DOWN else [*misses, overload]


def describe_misses(result: RunResult) -> str:
    """Describe in one sentence how many spells of harm were missed."""
    began, followed, missed = len(result.spells), count_followed(result), count_spells(result, "missed")
    years = result.scenario["clock"]["years"]
    period = f"{_write_in_words(years)} {pluralise(years, 'year')}"
    if not began:
        return f"No child came to significant harm in {period}, so none could be missed."
    if not followed:
        return f"No spell of significant harm that began in {period} could be followed to its deadline."
    spells = f"{format_count(followed, 'spell')} of significant harm that began in {period}"
    if followed == 1:
        return (
            f"The only spell of significant harm that began in {period} was {'' if missed else 'not '}missed."
        )
    if not missed:
        return f"None of {spells} was missed."
    few = followed < FEWEST
    share = format_decimals(missed) if few else format_share(missed, followed)
    return f"Of {spells}, {share} {pluralise(missed, 'was', 'were') if few else 'were'} missed."


def _describe_authorities(result: RunResult) -> Iterator[str]:
    """Yield how far missed risk differs between the authorities, and whether chance gives as much; none for one."""
    rates = compute_missed_rates(result.authorities)
    known = rates[rates["followed"] > 0]
    if len(known) < 2:
        return
    beyond = differ_beyond_chance(known["missed"].tolist(), known["followed"].tolist())
    if beyond is None:
        yield f"The {len(rates)} authorities have too few spells to say how far they differ."
        return
    low, high = (
        format_percent(rate) for rate in (known["missed_risk_rate"].min(), known["missed_risk_rate"].max())
    )
    chance = "more than chance between spells gives" if beyond else "no more than chance between spells gives"
    yield f"Between the {len(rates)} authorities missed risk differs from {low} to {high}, {chance}."


def compute_missed_rates(places: pd.DataFrame) -> pd.DataFrame:
    """Compute the missed-risk rate of each authority over all evaluated years.

    Args:
        places: the table of a run; columns in `cpsim.results.TABLES["authorities"]`.

    Returns:
        One row for each authority, in order: `name`, `missed` and `followed` (numbers of spells), and
        `missed_risk_rate`, missing without harm to follow.
    """
    sums = places.groupby(["authority", "name"], as_index=False)[["missed", "spells", "censored"]].sum()
    followed = sums["spells"] - sums["censored"]
    rate = (sums["missed"] / followed).where(followed > 0)
    return sums[["name", "missed"]].assign(followed=followed, missed_risk_rate=rate)


def describe_stops(result: RunResult) -> str:
    """Describe in one sentence where the chains of all missed spells stopped; empty without misses.

    The stages with most misses are named, and the others are counted together, so that the shares add up to all misses.
    """
    followed, missed = count_followed(result), count_spells(result, "missed")
    stops = sorted(count_by_stop(result).items(), key=lambda stop: -stop[1])
    named = [(lower_first(STOPS[code]), spells) for code, spells in stops[:MOST_NAMED] if spells]
    rest = missed - sum(spells for _, spells in named)
    parts = [*named, *([("at other stages", rest)] if rest else [])]
    shares = format_list(f"{name} {format_share(spells, followed)}" for name, spells in parts)
    return f"Missed, as shares of all spells: {shares}." if missed else ""


_DENOMINATORS: Final = {
    "initial_on_time_share": "initial_finished",
    "referral_ppv": "referrals",
    "rereferral_share_12m": "referrals",
}
"""Outcome that is a share -> column of the weekly table with the number of which it is one."""


def format_run_outcome(result: RunResult, name: str) -> str:
    """Format an outcome of a run; a share of few spells, referrals or assessments as two numbers, such as 3 of 10.

    Args:
        result: the run.
        name: name of an outcome without parts.
    """
    value = result.summary[name]
    whole = _count_denominator(result, name)
    if isinstance(value, float) and whole is not None and whole < FEWEST:
        return format_share(round(value * whole), whole)
    return format_outcome(name, value)


def _count_denominator(result: RunResult, name: str) -> int | None:
    """Count the cases of which an outcome is a share; None if the tables of a run do not have their number."""
    if name in _DENOMINATORS:
        weekly = result.weekly
        return int(weekly.loc[weekly["phase"] == "evaluated", _DENOMINATORS[name]].sum())
    if OUTCOMES[name].axis != _OF_SPELLS:
        return None
    horizon = _HORIZON.search(name)
    results = result.spells[result_column(int(horizon[1]))] if horizon else result.spell_results
    return int((results != "censored").sum())


def count_followed(result: RunResult) -> int:
    """Count the spells of harm that could be followed to the deadline."""
    return int((result.spell_results != "censored").sum())


def count_spells(result: RunResult, what: str) -> int:
    """Count the spells of harm with a result.

    Args:
        result: the run.
        what: the result, such as `missed`.
    """
    return int((result.spell_results == what).sum())


def count_by_stop(result: RunResult) -> dict[str, int]:
    """Count the missed spells by the code of the stage at which the chain of concern stopped, in order."""
    stops = result.spells["stopped_at"].value_counts()
    return {code: int(stops.get(code, 0)) for code in STOPS}


def _write_in_words(number: int) -> str:
    return _IN_WORDS[number] if number < len(_IN_WORDS) else format_decimals(number)
