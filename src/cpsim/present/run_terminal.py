"""The summary of a run as text for a terminal: misses together with false alarms, workload and money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from cpsim.formatting import format_decimals, format_month, format_outcome
from cpsim.measures.outcomes import group_by_heading
from cpsim.present.phrases import add_changes
from cpsim.present.reach import list_idle_sentences
from cpsim.results.by_authority import format_authorities
from cpsim.results.names import CAUSES

if TYPE_CHECKING:
    from cpsim.results.run_result import RunResult

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
            page.add_row(Text(f"  {each.label}"), value, Text(each.note, style="dim"))
        if heading == "Misses":
            _add_causes(page, result.summary["missed_by_cause"])
    places = result.authorities
    authorities = (format_authorities(places), "") if places["authority"].nunique() > 1 else ()
    idle = [part for sentence in list_idle_sentences(result.scenario) for part in (Text(sentence), "")]
    return Group(
        Text(_title(result), style="bold"), "", page, "", *authorities, *idle, Text(CAUTION, style="italic")
    )


def format_period(result: RunResult) -> str:
    """Format the evaluated years of a run, such as `April 2005 to March 2010`."""
    dates = result.weekly.loc[result.weekly["phase"] == "evaluated", "date"]
    return f"{format_month(dates.iloc[0])} to {format_month(dates.iloc[-1])}"


def _title(result: RunResult) -> str:
    children = result.weekly.loc[result.weekly["phase"] == "evaluated", "children"].mean()
    name = result.scenario["name"]
    title = f"{name}, seed {result.seed}: {format_decimals(children)} children, {format_period(result)}"
    return add_changes(title, result.provenance, "\n")


def _add_causes(page: Table, causes: Any) -> None:
    """Add the three most frequent causes of misses to the page."""
    most = sorted((causes or {}).items(), key=lambda item: -item[1])[:3]
    for place, (code, share) in enumerate(most):
        label = "  Most frequent causes" if place == 0 else ""
        page.add_row(
            label,
            format_outcome("missed_by_cause", share),
            Text(f"of misses: {CAUSES[code].lower()}", style="dim"),
        )
