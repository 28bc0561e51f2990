"""The summary of a run as text for a terminal: misses together with harm, assessments, workload and money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from cpsim.formatting import format_decimals, format_month, format_outcome, format_price
from cpsim.measures.outcomes import group_by_heading
from cpsim.present.phrases import add_changes
from cpsim.present.reach import list_idle_sentences
from cpsim.results.by_authority import format_authorities
from cpsim.results.names import STOPS

if TYPE_CHECKING:
    from cpsim.measures.outcomes import Outcome
    from cpsim.results.run_result import RunResult, Summary

_COLUMNS = 100
"""Width in characters of text that is not shown in a terminal."""
CAUTION = (
    "cpsim makes no predictions about any real child or council: everyone in it is invented. Official statistics do "
    "not determine the missed-risk rate; very different rates fit them equally well. Compare runs, and check what a "
    "difference depends on."
)


def format_run(result: RunResult) -> Group:
    """Lay out the summary of a run for rich: about 40 lines of 80 characters."""
    page = Table.grid(padding=(0, 2))
    page.add_column(no_wrap=True)
    page.add_column(justify="right", no_wrap=True)
    page.add_column()
    for heading, outcomes in group_by_heading("run").items():
        page.add_row(Text(heading, style="bold"))
        for each in outcomes:
            value = format_outcome(each.name, result.summary[each.name])
            page.add_row(Text(f"  {each.label}"), value, Text(format_note(each, result.summary), style="dim"))
        if heading == "Missed risk":
            _add_stops(page, result.summary["chain_stopped_at"])
    places = result.authorities
    authorities = (format_authorities(places), "") if places["authority"].nunique() > 1 else ()
    idle = [part for sentence in list_idle_sentences(result.scenario) for part in (Text(sentence), "")]
    return Group(
        Text(_title(result), style="bold"), "", page, "", *authorities, *idle, Text(CAUTION, style="italic")
    )


def format_note(outcome: Outcome, summary: Summary) -> str:
    """Format the note of an outcome of a run, with its price if it has one."""
    return ", ".join(filter(None, (outcome.note, format_price(outcome.name, summary))))


def format_period(result: RunResult) -> str:
    """Format the evaluated years of a run, such as `April 2005 to March 2010`."""
    dates = result.weekly.loc[result.weekly["phase"] == "evaluated", "date"]
    return f"{format_month(dates.iloc[0])} to {format_month(dates.iloc[-1])}"


def _title(result: RunResult) -> str:
    children = result.weekly.loc[result.weekly["phase"] == "evaluated", "children"].mean()
    name = result.scenario["name"]
    title = f"{name}, seed {result.seed}: {format_decimals(children)} children, {format_period(result)}"
    return add_changes(title, result.provenance, "\n")


def _add_stops(page: Table, stops: Any) -> None:
    """Add the three places at which most chains of concern stopped to the page."""
    most = sorted((stops or {}).items(), key=lambda item: -item[1])[:3]
    for place, (code, share) in enumerate(most):
        label = "  Where the chain stopped" if place == 0 else ""
        page.add_row(
            label,
            format_outcome("chain_stopped_at", share),
            Text(f"of misses: {STOPS[code].lower()}", style="dim"),
        )
