"""Test the baseline against public patterns, to which nothing was tuned, and write the page of the docs.

python experiments/score_patterns.py [--seeds 16] [--scenario baseline] [--write docs/model/patterns.md]

`PATTERNS` has every test; the ranges were stated in advance. All arms of a seed share the same children and history.
"""

import argparse
import math
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from score_funnel import ICEBERG, count_harmed_and_planned

from cpsim.arrays import Bools, Floats
from cpsim.comparison.primary import count_seeds_needed
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.formatting import format_count, format_decimals
from cpsim.inference import summarise_replicates
from cpsim.measures.intervals import EventTimes
from cpsim.scenario.problems import ScenarioError

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

from page_text import format_table

FIRST_SEED = 501
SEEDS = 16

YEARS = 4
FIRST_DAY = "2008-04-01"
SHOCK_DAY = "2008-11-11"
MERGER_DAY = "2008-10-01"
ANNOUNCED_WEEKS = 26
"""Weeks from the announcement of the merger to its date; it is announced at the start of the evaluated years."""

QUARTER_WEEKS = 13
QUARTERS = YEARS * WEEKS_PER_YEAR // QUARTER_WEEKS
BEFORE_VESTING = slice(0, 2)
AROUND_MONTH_12 = slice(3, 5)
FIRST_YEAR, SECOND_YEAR, FOURTH_YEAR = (slice(4 * year, 4 * year + 4) for year in (0, 1, 3))
ALL_YEARS = slice(0, QUARTERS)

BASE, SHOCK, SHARED_SITE, POOL, WHOLE_POOL, MERGER = (
    "base",
    "shock",
    "shared_site",
    "pool",
    "whole_pool",
    "merger",
)
EVENTS: dict[str, list[dict[str, Any]]] = {
    BASE: [],
    SHOCK: [{"date": SHOCK_DAY, "lever": "scandal"}],
    SHARED_SITE: [
        {
            "date": FIRST_DAY,
            "lever": "links",
            "kinds": ["school", "pct", "community"],
            "partners": ["front_door", "school", "pct", "community"],
        }
    ],
    POOL: [{"date": FIRST_DAY, "lever": "pool"}],
    WHOLE_POOL: [
        {
            "date": FIRST_DAY,
            "lever": "pool",
            "contribution_council": 1,
            "contribution_health": 1,
            "voluntary": 1,
        }
    ],
    MERGER: [
        {
            "date": MERGER_DAY,
            "lever": "restructure",
            "services": ["social_care"],
            "announced_weeks": ANNOUNCED_WEEKS,
            "resistance": 1,
        }
    ],
}
"""The timeline of each arm; settings that are not named have the defaults of their lever."""

GRADED = "rating_decline_2008"
"""The scenario whose grades are read, and the name of its arm: twelve places that all merge from 2005 to 2007."""
GRADED_SETTINGS: dict[str, Any] = {"population.children": 5_000}
"""Settings that replace its own: the number of places matters more here than their size."""
INSPECTION_2006, INSPECTION_2008 = 2, 4
"""Its inspections of these years; the first is that of 2004."""
GOOD = 3
"""Lowest grade that counts as good."""

Counts = Mapping[str, Mapping[str, Floats]]
"""What is counted on one seed: arm -> name -> numbers by quarter of the evaluated years, or by inspection."""
Ratio = Callable[[Counts], tuple[float, float]]
"""The two parts of a statistic on one seed; its value is the ratio of their means over seeds."""

PASS, FAIL, UNCLEAR, NOT_EXPRESSIBLE = "pass", "fail", "unclear", "not expressible"

UNREACHED = "with these settings, the event changes nothing that is counted here, on any seed."
UNDEFINED_RATIO = "undefined, because the interval of the number to which it is relative contains 0."


@dataclass(frozen=True)
class Pattern:
    """One part of a public pattern, tested by itself.

    Attributes:
        number: its number; the letter is that of the part.
        statement: what is true of England.
        evidence: ids of the figures.
        low: lower end of the range in which the statistic must lie; minus infinity if there is none.
        high: upper end.
        method: how the statistic is computed, or why it cannot be.
        ratio: the statistic; None if the model cannot express the pattern.
        is_change: whether it is the change that an event makes; if this is exactly 0, the event does not reach it.
        unit: its unit; numbers with a unit are written in hundredths.
    """

    number: str
    statement: str
    evidence: str
    low: float
    high: float
    method: str
    ratio: Ratio | None
    is_change: bool = False
    unit: str = "%"

    def format_number(self, value: float, digits: int) -> str:
        """Format a value of the statistic without its unit."""
        return format_decimals(100 * value if self.unit else value, digits)

    def format_range(self) -> str:
        """Format the range in which the statistic must lie."""
        ends = [self.format_number(end, 0) for end in (self.low, self.high) if math.isfinite(end)]
        if len(ends) == 2:
            return f"{' to '.join(ends)}{self.unit}"
        return f"{'above' if math.isfinite(self.low) else 'below'} {ends[0]}{self.unit}"


class Finding(NamedTuple):
    """What the seeds show of a pattern.

    Attributes:
        verdict: pass, fail, unclear or not expressible.
        value: the statistic; NaN if it is undefined.
        low: lower end of its interval.
        high: upper end.
        seeds_needed: number of seeds that would settle an unclear verdict if the statistic stayed as it is; None if it
            cannot be computed.
        reason: why there is no value; empty if there is one.
    """

    verdict: str
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    seeds_needed: int | None = None
    reason: str = ""


def _share(name: str, whole: str) -> Ratio:
    """Share that one count of the base is of another, over all evaluated years."""
    return lambda counts: (_sum(counts, BASE, name, ALL_YEARS), _sum(counts, BASE, whole, ALL_YEARS))


def _change(arm: str, name: str, quarters: slice, whole: str = "") -> Ratio:
    """Relative change of a count, or of its share of another count, from the same children in the base."""

    def compare(counts: Counts) -> tuple[float, float]:
        before = _measure(counts, BASE, name, quarters, whole)
        return _measure(counts, arm, name, quarters, whole) - before, before

    return compare


def _remainder(arm: str, name: str, late: slice, early: slice, whole: str = "") -> Ratio:
    """Share of an early change that is still there later."""
    late_change, early_change = (_change(arm, name, quarters, whole) for quarters in (late, early))
    return lambda counts: (late_change(counts)[0], early_change(counts)[0])


def _measure(counts: Counts, arm: str, name: str, quarters: slice, whole: str) -> float:
    return _sum(counts, arm, name, quarters) / (_sum(counts, arm, whole, quarters) if whole else 1)


def _sum(counts: Counts, arm: str, name: str, quarters: slice) -> float:
    return float(counts[arm][name][quarters].sum())


def _count_attention_left(counts: Counts) -> tuple[float, float]:
    return float(counts[SHOCK]["attention_left"][0]), 1.0


def _count_harmed_and_planned(counts: Counts) -> tuple[float, float]:
    return float(counts[BASE]["harmed"][0]), float(counts[BASE]["planned"][0])


def _count_change_of_grades(counts: Counts) -> tuple[float, float]:
    """Change of the number of places graded good, and the number of places."""
    good = counts[GRADED]["graded_good"]
    return float(good[INSPECTION_2008] - good[INSPECTION_2006]), float(
        counts[GRADED]["graded"][INSPECTION_2006]
    )


_BEGINS = "The setback of a merger begins with its announcement"
_LASTS = "The setback of a merger lasts at least 12 months"
_ENDS = "The setback of a merger is over after 36 months"

PATTERNS = (
    Pattern(
        "V1a",
        "After one publicity shock, court applications rise in the next full year",
        "E007 E013",
        0.25,
        0.45,
        "events `court_application` from April 2009 to March 2010, with one event of the lever `scandal` on 11 "
        "November 2008, relative to the same children without it.",
        _change(SHOCK, "applications", SECOND_YEAR),
        is_change=True,
    ),
    Pattern(
        "V1b",
        "At least 80% of this rise is still there 24 months later",
        "E013 E014 E015 E017",
        0.8,
        math.inf,
        "the rise from April 2011 to March 2012, relative to the rise of V1a.",
        _remainder(SHOCK, "applications", FOURTH_YEAR, SECOND_YEAR),
        is_change=True,
    ),
    Pattern(
        "V1c",
        "By then, attention to the shock is below 5% of what it was",
        "E033 E034",
        -math.inf,
        0.05,
        "share of the temporary fall of thresholds that is left on 1 April 2011. It follows from `fade_weeks` of the "
        "lever alone, so that its interval has no width. Press coverage is not in the model; this temporary part is "
        "the nearest quantity.",
        _count_attention_left,
    ),
    Pattern(
        "V5a",
        "Fewer children's services are graded good or better after two years with mergers",
        "E500 E501 E546",
        -0.15,
        -0.03,
        f"difference between the inspections of 2006 and 2008 in the scenario `{GRADED}`, in which twelve places, "
        f"of {GRADED_SETTINGS['population.children']:,} children each, merge from 2005 to 2007. Grades depend on "
        "quality, returns and the inspectors' error.",
        _count_change_of_grades,
        unit=" points",
    ),
    Pattern(
        "V5b",
        "In these years, more adult services get the top grade",
        "E502 E503",
        0,
        0.08,
        "no lever or event affects adult social care. Its quality is drawn once, and its grades vary only with the "
        "inspectors' error, so that the expected change is 0 under every policy.",
        None,
        unit=" points",
    ),
    Pattern(
        "V7a",
        "Most children with a serious event have been referred before",
        "E355 E356 E357 E363",
        0.65,
        0.85,
        "share of the children with an event `serious_event` in the evaluated years whose first referral came before "
        "the event; referrals count from birth.",
        _share("serious_known", "serious"),
    ),
    Pattern(
        "V7b",
        "Few of the children with a serious event are on a plan at the time",
        "E359 E360 E362",
        0.08,
        0.18,
        "share with a plan in the week of the event. Events that a plan averted did not happen and are not counted.",
        _share("serious_on_plan", "serious"),
    ),
    Pattern(
        "V7c",
        "Over a third of them have a case that was closed or a referral that was refused",
        "E357",
        0.3,
        0.45,
        "share of those who were referred before, but have no assessment, conference, service, plan or care under way "
        "in the week of the event.",
        _share("serious_closed", "serious"),
    ),
    Pattern(
        ICEBERG.number,
        ICEBERG.description,
        ICEBERG.evidence,
        ICEBERG.low,
        ICEBERG.high,
        "as in [the funnel](funnel.md), for the last evaluated year.",
        _count_harmed_and_planned,
        unit="",
    ),
    Pattern(
        "V10a",
        "Co-location alone changes the number of spells missed by less than 3% after two years",
        "E570",
        -0.03,
        0.03,
        "spells missed at their deadline in the second year after an event of the lever `links`, with the agencies "
        "that the pathfinders brought together, relative to the same children without it.",
        _change(SHARED_SITE, "missed", SECOND_YEAR),
        is_change=True,
    ),
    Pattern(
        "V10b",
        "Co-location alone changes the weeks in harm by less than 3% after two years",
        "E570",
        -0.03,
        0.03,
        "as V10a, for the number of children in significant harm, added up over weeks.",
        _change(SHARED_SITE, "in_harm", SECOND_YEAR),
        is_change=True,
    ),
    Pattern(
        "V10c",
        "A small pooled budget alone changes the number of spells missed by less than 3% after two years",
        "E569 E570",
        -0.03,
        0.03,
        "as V10a, for the lever `pool` with its defaults, a small share of the money for joint packages.",
        _change(POOL, "missed", SECOND_YEAR),
        is_change=True,
    ),
    Pattern(
        "V10d",
        "A small pooled budget alone changes the weeks in harm by less than 3% after two years",
        "E569 E570",
        -0.03,
        0.03,
        "as V10b, for this pool.",
        _change(POOL, "in_harm", SECOND_YEAR),
        is_change=True,
    ),
    Pattern(
        "V10e",
        "A pool of all joint money changes the number of spells missed by less than 3% after two years",
        "E569 E570",
        -0.03,
        0.03,
        "as V10c, with all the money for joint packages in the pool.",
        _change(WHOLE_POOL, "missed", SECOND_YEAR),
        is_change=True,
    ),
    Pattern(
        "V10f",
        "A pool of all joint money changes the weeks in harm by less than 3% after two years",
        "E569 E570",
        -0.03,
        0.03,
        "as V10d, with all the money for joint packages in the pool.",
        _change(WHOLE_POOL, "in_harm", SECOND_YEAR),
        is_change=True,
    ),
    Pattern(
        "V10g",
        f"{_BEGINS}: more spells are missed",
        "E567",
        0,
        math.inf,
        "relative change, from the announcement to vesting day, with the lever `restructure` for children's social "
        f"care, against full resistance and announced {ANNOUNCED_WEEKS} weeks ahead.",
        _change(MERGER, "missed", BEFORE_VESTING),
        is_change=True,
    ),
    Pattern(
        "V10h",
        f"{_BEGINS}: fewer initial assessments are on time",
        "E567",
        -math.inf,
        0,
        "as V10g, for the share of initial assessments on time.",
        _change(MERGER, "on_time", BEFORE_VESTING, "assessed"),
        is_change=True,
    ),
    Pattern(
        "V10i",
        f"{_LASTS}: more spells are missed",
        "E559",
        0,
        math.inf,
        "as V10g, in the six months around month 12 after the announcement.",
        _change(MERGER, "missed", AROUND_MONTH_12),
        is_change=True,
    ),
    Pattern(
        "V10j",
        f"{_LASTS}: fewer initial assessments are on time",
        "E559",
        -math.inf,
        0,
        "as V10h, in these six months.",
        _change(MERGER, "on_time", AROUND_MONTH_12, "assessed"),
        is_change=True,
    ),
    Pattern(
        "V10k",
        f"{_ENDS}: less than a tenth of the change in spells missed is left",
        "E560",
        -math.inf,
        0.1,
        "change in the fourth year after the announcement, relative to that in the first.",
        _remainder(MERGER, "missed", FOURTH_YEAR, FIRST_YEAR),
        is_change=True,
    ),
    Pattern(
        "V10l",
        f"{_ENDS}: less than a tenth of the change in assessments on time is left",
        "E560",
        -math.inf,
        0.1,
        "as V10k, for the share of initial assessments on time.",
        _remainder(MERGER, "on_time", FOURTH_YEAR, FIRST_YEAR, "assessed"),
        is_change=True,
    ),
)
"""Every test, with its range, which was stated before it was run."""


# -- counting


def build_arms(scenario: str) -> dict[str, Any]:
    """Build the arms from the settings of a scenario, a name or a file, without its own timeline.

    Raises:
        ScenarioError: it cannot be used, or an event does not fit it.
    """
    from cpsim.scenario.read import load

    clock = {"clock.start": FIRST_DAY, "clock.years": YEARS}
    return {name: load(scenario, clock | {"timeline": events}) for name, events in EVENTS.items()}


def run_seed(seed: int, scenario: str) -> Counts:
    """Run all arms on one seed, and count what the patterns need."""
    from cpsim.parallel.shared_history import run_arms
    from cpsim.scenario.read import load

    arms = build_arms(scenario)
    counts = {name: count_outcomes(result) for name, result in run_arms(arms, seed)}
    counts[SHOCK]["attention_left"] = np.array([find_attention_left(arms[SHOCK])])
    ((_, graded),) = run_arms({GRADED: load(GRADED, GRADED_SETTINGS)}, seed)
    return counts | {GRADED: count_grades(graded.ratings)}


def count_outcomes(result: Any) -> dict[str, Floats]:
    """Count the outcomes of a run by quarter of the evaluated years; see `Counts`."""
    weekly = result.weekly[result.weekly["phase"] == "evaluated"]
    events = result.events[result.events["week"].isin(weekly["week"])]

    def count_weeks(weeks: Any) -> Floats:
        return np.bincount(weeks // QUARTER_WEEKS, minlength=QUARTERS).astype(float)

    columns = {
        "missed": f"missed_{result.horizon}w",
        "in_harm": "in_harm",
        "on_time": "initial_on_time",
        "assessed": "initial_finished",
    }
    serious = events.loc[events["stage"] == "serious_event", ["week", "child"]]
    circumstances = find_circumstances(result, serious["child"].to_numpy(), serious["week"].to_numpy())
    harmed, planned = count_harmed_and_planned(result)
    return {
        **{
            name: weekly[column].to_numpy(float).reshape(QUARTERS, QUARTER_WEEKS).sum(axis=1)
            for name, column in columns.items()
        },
        **{name: count_weeks(serious["week"][where]) for name, where in circumstances.items()},
        "serious": count_weeks(serious["week"]),
        "applications": count_weeks(events.loc[events["stage"] == "court_application", "week"]),
        "harmed": np.array([harmed]),
        "planned": np.array([planned]),
    }


ASSESSMENT_BEGINS = ("initial_started", "core_started", "enquiry_started", "conference")
ASSESSMENT_ENDS = ("no_further_action", "in_need_started", "plan_started", "care_started", "turned_18")


def find_circumstances(result: Any, child: Any, week: Any) -> dict[str, Bools]:
    """Find which children with a serious event were known, on a plan, or known without an open case, shapes (events,).

    Args:
        result: the run.
        child: row of the child, shape (events,).
        week: week of the event, shape (events,).
    """
    first = result.children.set_index("child")["first_referral"].reindex(child)
    known = (first.notna() & (first.fillna(0) <= week)).to_numpy(bool)

    def find_last(stages: Sequence[str]) -> Any:
        events = result.events[result.events["stage"].isin(stages)]
        return EventTimes(events["child"].to_numpy(), events["week"].to_numpy()).find_last(child, week)

    def is_served(services: Sequence[str]) -> Bools:
        episodes = result.services[result.services["service"].isin(services)]
        begun = EventTimes(episodes["child"].to_numpy(), episodes["start"].to_numpy())
        ended = episodes[episodes["end"].notna()]
        over = EventTimes(ended["child"].to_numpy(), ended["end"].to_numpy(int))
        start = np.full(len(child), -WEEKS_PER_YEAR * 100)
        return begun.count_between(child, start, week) > over.count_between(child, start, week)

    assessed = find_last(ASSESSMENT_BEGINS) > find_last(ASSESSMENT_ENDS)
    is_open = assessed | is_served(("in_need", "plan", "care"))
    return {
        "serious_known": known,
        "serious_on_plan": is_served(("plan",)),
        "serious_closed": known & ~is_open,
    }


def find_attention_left(scenario: Any) -> float:
    """Find the share of the temporary fall of thresholds that is left at the start of the fourth year."""
    (shock,) = scenario.timeline
    weeks = (YEARS - 1) * WEEKS_PER_YEAR - (shock.date - scenario.clock.start).days / 7
    return math.exp(-weeks / shock.fade_weeks)


def count_grades(ratings: Any) -> dict[str, Floats]:
    """Count children's services that were graded, and those graded good or better, by inspection."""
    grades = ratings.loc[ratings["service"] == "children"].groupby("week")["grade"]
    return {
        "graded": grades.size().to_numpy(float),
        "graded_good": grades.agg(lambda grade: (grade >= GOOD).sum()).to_numpy(float),
    }


# -- judging


def judge(pattern: Pattern, seeds: Sequence[Counts]) -> Finding:
    """Judge a pattern by the 95% interval of its statistic over seeds.

    The statistic is a ratio of means. Its interval is Student's, on the values of the ratio linearised at its mean; it
    is undefined if the interval of the denominator contains 0.
    """
    if pattern.ratio is None:
        return Finding(NOT_EXPRESSIBLE, reason=pattern.method)
    parts, wholes = np.array([pattern.ratio(counts) for counts in seeds]).T
    if pattern.is_change and not parts.any():
        return Finding(NOT_EXPRESSIBLE, reason=UNREACHED)
    (whole,) = summarise_replicates(wholes[None]).to_dict("records")
    if not (whole["low"] > 0 or whole["high"] < 0):
        return Finding(UNCLEAR, reason=UNDEFINED_RATIO)
    ratio = parts.sum() / wholes.sum()
    values = ratio + (parts - ratio * wholes) / wholes.mean()
    (found,) = summarise_replicates(values[None]).to_dict("records")
    value, low, high = found["value"], found["low"], found["high"]
    if pattern.low < low and high < pattern.high:
        return Finding(PASS, value, low, high)
    if high <= pattern.low or low >= pattern.high:
        return Finding(FAIL, value, low, high)
    distance = min(abs(value - end) for end in (pattern.low, pattern.high))
    needed = count_seeds_needed(values[None], aim=distance, tests=1) if distance > 0 else None
    return Finding(UNCLEAR, value, low, high, needed)


# -- the page

_PAGE = """\
<!-- made by experiments/score_patterns.py; do not edit -->
# Public patterns

The scenario `{scenario}`, tested against patterns that are public knowledge about England. **Nothing was tuned to make
a test pass**, but some settings of levers come from the [same figures](#what-a-pass-means). The ranges were stated in
advance. How each statistic is [computed](#how-each-is-computed) is a choice, and two choices for V10 followed a trial
of 4 seeds: weeks in harm took the place of weeks in harm without protection, which pooling cannot reach, and
assessments on time were left out for co-location and pooling. A failed test is a finding about the model, and not a
reason to adjust it.

- **Pass**: {passed} of {tests}. The 95% interval lies within the range.
- **Fail**: {failed}. The interval lies outside the range.
- **Unclear**: {unclear}. The interval contains an end of the range, or the statistic is undefined. *Seeds* is the
  number that would settle it if the value stayed as it is.
- **Not expressible**: {inexpressible}. Nothing in the model, with these settings, can produce or prevent the pattern.

Values are means over {seeds}, with Student's intervals. Each interval holds with a probability of 95% by itself, so
that about one in twenty misses the true mean by chance. All arms of a seed have the same children, and an arm with an
event is compared with the same children without it. *Evidence* has the ids of [figures](bibliography.md#evidence).

{table}

{reasons}## How each is computed

{methods}

## What a pass means

- **V1**: the size of the lever `scandal` and its lasting share are guesses, made with figures E007, E013 and E017 in
  view, so that a pass would not be independent evidence. The rise in England depends on the years with which it is
  compared: 46% over 2008, when a new court procedure and fees had lowered applications, and 26% to 37% over 2005-07.
- **V5**: a weak test. The inspectorate changed in April 2007, the grades of 2008 appeared after the verdict in the Baby
  P case, and the figure of 2006 covers 102 councils. Whether any reform lowered the grades is not known; critics named
  the mergers.
- **V7**: reviews are chosen because something went wrong, and not every serious event is reviewed. The model counts
  all of them. Sources define *known* in different ways, and shares on a plan near 10% count the child under review
  only.
- **V8**: the harm cut-off can be chosen to give almost any value, so that a pass proves little.
- **V10**: a pass of a small pool follows from its size. A restructuring has no gain by default, the time at which its
  dip is deepest is derived from figures E559 and E560, and attention falls from the announcement on by definition. What
  is tested is whether this reaches children and time limits.

## Making this page

```sh
python experiments/score_patterns.py --write docs/model/patterns.md
```

runs {arms} arms and the scenario `{graded}` on every seed, and writes this page. See
[how the model was calibrated](calibration.md).
"""


def format_page(seeds: Sequence[Counts], scenario: str) -> str:
    """Format the page from the counts of each seed."""
    findings = {pattern: judge(pattern, seeds) for pattern in PATTERNS}
    verdicts = Counter(finding.verdict for finding in findings.values())
    reasons = [
        f"- {pattern.number}, {finding.verdict}: {finding.reason}\n"
        for pattern, finding in findings.items()
        if finding.reason
    ]
    return _PAGE.format(
        scenario=scenario,
        tests=len(PATTERNS),
        passed=verdicts[PASS],
        failed=verdicts[FAIL],
        unclear=verdicts[UNCLEAR],
        inexpressible=verdicts[NOT_EXPRESSIBLE],
        seeds=format_count(len(seeds), "fresh seed"),
        table=format_table(
            ["test", "pattern", "evidence", "range", "value", "95% interval", "verdict", "seeds"],
            (_format_row(pattern, finding) for pattern, finding in findings.items()),
        ),
        reasons=f"Without a value:\n\n{''.join(reasons)}\n" if reasons else "",
        methods="\n".join(f"- {pattern.number}: {pattern.method}" for pattern in PATTERNS if pattern.ratio),
        arms=len(EVENTS),
        graded=GRADED,
    )


def _format_row(pattern: Pattern, finding: Finding) -> list[str]:
    digits = 2 if 0 < finding.high - finding.low < _WIDE else 1
    value, low, high = (
        pattern.format_number(number, digits) for number in (finding.value, finding.low, finding.high)
    )
    return [
        pattern.number,
        pattern.statement,
        pattern.evidence.replace(" ", ", "),
        pattern.format_range(),
        value if finding.reason else f"{value}{pattern.unit}",
        "–" if finding.reason else f"{low} to {high}{pattern.unit}",
        f"**{finding.verdict}**" if finding.verdict == FAIL else finding.verdict,
        "–" if finding.seeds_needed is None else _round_seeds(finding.seeds_needed),
    ]


_WIDE = 0.002
"""Width of an interval from which one decimal of a percentage is enough."""
_MOST_SEEDS = 10_000


def _round_seeds(number: int) -> str:
    """Round a number of seeds to two digits, since the seeds that were run show no more."""
    return f"more than {_MOST_SEEDS:,}" if number > _MOST_SEEDS else f"about {float(f'{number:.2g}'):,.0f}"


def main() -> None:
    """Run the seeds, print the page, and write it to a file if requested."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--seeds", type=int, default=SEEDS, help=f"number of fresh seeds, starting with {FIRST_SEED}"
    )
    parser.add_argument(
        "--scenario",
        default="baseline",
        help=f"name or file; its timeline is left out, and V5 is always tested on {GRADED}",
    )
    parser.add_argument("--processes", type=int, default=1, help="number of seeds at the same time")
    parser.add_argument("--write", type=Path, help="Markdown file for the page")
    arguments = parser.parse_args()
    if arguments.seeds < 2:
        parser.error("--seeds: an interval needs at least 2 seeds")
    try:
        build_arms(arguments.scenario)
    except ScenarioError as error:
        parser.error(f"--scenario: {error}")
    seeds = range(FIRST_SEED, FIRST_SEED + arguments.seeds)
    with ProcessPoolExecutor(arguments.processes, mp_context=get_context("spawn")) as pool:
        counts = list(pool.map(run_seed, seeds, repeat(arguments.scenario)))
    text = format_page(counts, arguments.scenario)
    print(text)
    if arguments.write:
        arguments.write.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
