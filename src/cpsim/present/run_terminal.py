"""A run as text for a terminal: the answer in a sentence, where harm was missed, and the short table of outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from cpsim.formatting import format_decimals, format_month, format_price
from cpsim.measures.outcomes import group_by_heading
from cpsim.present.phrases import add_changes
from cpsim.present.reach import list_idle_sentences
from cpsim.present.run_answer import OWN_FILE, create_answer, describe_stops, format_run_outcome
from cpsim.present.run_gaps import format_missed_gap
from cpsim.results.by_authority import format_authorities

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpsim.measures.outcomes import Outcome
    from cpsim.present.run_answer import CompareLine
    from cpsim.results.run_result import RunResult, Summary

CAUTION = (
    "cpsim makes no predictions about any real child or council: everyone in it is invented. Official statistics do "
    "not determine the missed-risk rate; very different rates fit them equally well. Compare runs, and check what a "
    "difference depends on."
)


SHORT_CAUTION = "No predictions about any real child or council: everyone here is invented."


def format_run(result: RunResult, line: CompareLine = OWN_FILE) -> Group:
    """Lay out a run for rich: about 35 lines of 80 characters.

    Args:
        result: the run.
        line: the command that compares its scenario with a reference.
    """
    page = Table.grid(padding=(0, 2))
    page.add_column(no_wrap=True)
    page.add_column(justify="right", no_wrap=True)
    page.add_column()
    for heading, outcomes in group_by_heading("run").items():
        if outcomes[0].label != heading:
            page.add_row(Text(heading, style="bold"))
        for each in outcomes:
            value, note = format_run_outcome(result, each.name), _format_note(each, result)
            label = Text(heading, style="bold") if each.label == heading else Text(f"  {each.label}")
            page.add_row(label, value, Text(note, style="dim"))
    places = result.authorities
    authorities = (format_authorities(places), "") if places["authority"].nunique() > 1 else ()
    idle = [part for sentence in list_idle_sentences(result.scenario) for part in (Text(sentence), "")]
    return Group(
        *_format_answer(result, line),
        Text(_describe_run(result), style="dim"),
        "",
        page,
        "",
        *authorities,
        *idle,
        Text(SHORT_CAUTION, style="italic"),
    )


def _format_answer(result: RunResult, line: CompareLine) -> Iterator[Text]:
    """Yield the first sentence, with a command to type on a line of its own, and the sentences after it."""
    answer = create_answer(result, line)
    if answer.refusal:
        yield Text(answer.refusal, style="bold")
        yield Text(f"  {answer.command}{answer.after.removesuffix('.')}", style="bold", overflow="fold")
    else:
        yield Text(answer.first, style="bold")
    if sentences := " ".join(filter(None, (*answer.others, describe_stops(result)))):
        yield Text(sentences)


def _format_note(outcome: Outcome, result: RunResult) -> str:
    """Format the note of an outcome, with the interval of the deprivation gap."""
    if outcome.name == "equity_gap_miss":
        return f"points (95%: {format_missed_gap(result)})"
    return format_note(outcome, result.summary)


def format_note(outcome: Outcome, summary: Summary) -> str:
    """Format the note of an outcome of a run, with its price if it has one."""
    return ", ".join(filter(None, (outcome.note, format_price(outcome.name, summary))))


def format_period(result: RunResult) -> str:
    """Format the evaluated years of a run, such as `April 2005 to March 2010`."""
    dates = result.weekly.loc[result.weekly["phase"] == "evaluated", "date"]
    return f"{format_month(dates.iloc[0])} to {format_month(dates.iloc[-1])}"


def _describe_run(result: RunResult) -> str:
    children = result.weekly.loc[result.weekly["phase"] == "evaluated", "children"].mean()
    name = result.scenario["name"]
    title = f"{name}, seed {result.seed}: {format_decimals(children)} children, {format_period(result)}"
    return add_changes(title, result.provenance, "\n")
