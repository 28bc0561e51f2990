"""The summary of a run as text for a terminal: misses together with false alarms, workload and money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from cpsim.results.by_authority import format_authorities
from cpsim.results.names import CAUSES, GBP, MONTHS, SUMMARY, WEEKS

if TYPE_CHECKING:
    from cpsim.results.run_result import RunResult

UNDEFINED = "–"
_COLUMNS = 100
"""Width in characters of text that is not shown in a terminal."""
CAUTION = (
    "cpsim makes no predictions about any real child or council: everyone in it is invented. Official statistics do "
    "not determine the missed-risk rate; very different rates fit them equally well. Compare runs, and check what a "
    "difference depends on."
)

HEADLINE_ROWS: dict[str, dict[str, tuple[str, str]]] = {
    "Misses": {
        "missed_risk_rate": ("Missed risks", "of spells of harm, at the deadline"),
        "protected_share": ("Protected in time", "of spells of harm, by the deadline"),
        "self_resolved_share": ("Ended without protection", "of spells of harm, by the deadline"),
        "missed_risk_rate_52w": ("Missed after a year", "of spells of harm"),
        "unprotected_weeks_share": ("Weeks unprotected", "of all weeks in significant harm"),
        "detection_delay_weeks_median": ("Delay to protection", "from onset, median spell"),
        "serious_events_avoidable": ("Avoidable serious events", "per 10,000 children a year"),
        "equity_gap_miss": ("Deprivation gap, misses", "percentage points, most minus least"),
    },
    "False alarms": {
        "false_alarm_families_per_10k_year": ("False-alarm families", "no child in harm; per 10,000 a year"),
        "referral_ppv": ("Referrals with harm", "of referrals are of a child in harm"),
        "needless_family_weeks_per_10k_year": ("Needless family weeks", "per 10,000 children a year"),
        "equity_gap_false_alarm": ("Deprivation gap, alarms", "per 10,000 a year, most minus least"),
    },
    "Workload": {
        "referrals_per_10k_year": ("Referrals", "per 10,000 children a year"),
        "rereferral_share_12m": ("Re-referrals", "of referrals, within 12 months"),
        "plan_stock_per_10k": ("Children on a plan", "per 10,000 children, average week"),
        "initial_on_time_share": ("Assessed on time", "of initial assessments"),
        "utilisation_mean": ("Hours demanded", "for each hour available"),
        "caseload_mean": ("Caseload", "open cases for each social worker"),
        "turnover_per_year": ("Turnover", "social workers leaving a year, of posts"),
    },
    "Money": {
        "cost_gbp_per_child_year": ("Cost", "a year for each child; harm not priced"),
    },
}
"""Heading -> name in the summary -> its label, and its meaning in a few words."""


def format_run(result: RunResult) -> Group:
    """Lay out the summary of a run for rich: about 40 lines of 80 characters."""
    page = Table.grid(padding=(0, 2))
    page.add_column(no_wrap=True)
    page.add_column(justify="right", no_wrap=True)
    page.add_column()
    for heading, rows in HEADLINE_ROWS.items():
        page.add_row(Text(heading, style="bold"))
        for name, (label, meaning) in rows.items():
            page.add_row(
                Text(f"  {label}"), format_outcome(name, result.summary[name]), Text(meaning, style="dim")
            )
        if heading == "Misses":
            _add_causes(page, result.summary["missed_by_cause"])
    places = result.authorities
    authorities = (format_authorities(places), "") if places["authority"].nunique() > 1 else ()
    return Group(
        Text(_title(result), style="bold"), "", page, "", *authorities, Text(CAUTION, style="italic")
    )


def format_outcome(name: str, value: Any) -> str:
    """Format the value of an outcome in its unit; "–" if it is undefined.

    Args:
        name: a name in `SUMMARY`.
        value: a number, or None.

    >>> format_outcome("missed_risk_rate", 0.691), format_outcome("cost_gbp_per_child_year", 1234.5)
    ('69%', '£1,234')
    """
    if value is None:
        return UNDEFINED
    unit = SUMMARY[name].unit
    if unit.startswith("share"):
        return format_percent(value)
    number = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if unit != "ratio" else f"{value:.2f}"
    return {GBP: f"£{number}", WEEKS: f"{number} weeks", MONTHS: f"{number} months"}.get(unit, number)


def format_percent(share: float) -> str:
    """Format a share as a percentage, with one decimal if it is below 10%.

    >>> [format_percent(share) for share in (0.0, 0.0001, 0.0123, 0.69)]
    ['0%', '<0.1%', '1.2%', '69%']
    """
    if 0 < share < 0.0005:
        return "<0.1%"
    return f"{100 * share:.0f}%" if share == 0 or share >= 0.0995 else f"{100 * share:.1f}%"


def format_period(result: RunResult) -> str:
    """Format the evaluated years of a run, such as `April 2005 to March 2010`."""
    dates = result.weekly.loc[result.weekly["phase"] == "evaluated", "date"]
    return f"{dates.iloc[0]:%B %Y} to {dates.iloc[-1]:%B %Y}"


def _title(result: RunResult) -> str:
    children = result.weekly.loc[result.weekly["phase"] == "evaluated", "children"].mean()
    return f"{result.scenario['name']}, seed {result.seed}: {children:,.0f} children, {format_period(result)}"


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
