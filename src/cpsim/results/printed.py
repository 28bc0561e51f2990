"""The summary that a student reads in the terminal: misses beside false alarms beside workload and money."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from cpsim.results.by_authority import by_authority
from cpsim.results.names import CAUSES, GBP, MONTHS, SUMMARY, WEEKS

if TYPE_CHECKING:
    from cpsim.results.run_result import RunResult

UNDEFINED = "–"
_COLUMNS = 100
"""Width of a page that no terminal shows."""
CAUTION = (
    "cpsim predicts for no real child and no real council: everybody in it is invented. The official figures do not "
    "pin the missed-risk rate; quite different rates fit them equally well. Compare runs, and ask what a difference "
    "hangs on."
)

HEADLINES: dict[str, dict[str, tuple[str, str]]] = {
    "Misses": {
        "missed_risk_rate": ("Missed risks", "of spells of harm, 13 weeks after onset"),
        "protected_share": ("Protected in time", "of spells of harm"),
        "self_resolved_share": ("Ended by themselves", "of spells of harm, before anybody protected"),
        "missed_risk_rate_52w": ("Missed after a year", "of spells of harm"),
        "unprotected_weeks_share": ("Weeks unprotected", "of all weeks that children spend in harm"),
        "detection_delay_weeks_median": ("Delay to protection", "from onset, for the median spell"),
        "serious_events_avoidable": ("Avoidable serious events", "a year per 10,000 children"),
        "equity_gap_miss": ("Deprivation gap in misses", "points, most less least deprived fifth"),
    },
    "False alarms": {
        "false_alarm_families_per_10k_year": (
            "Families alarmed",
            "a year per 10,000 children, nobody in harm",
        ),
        "referral_ppv": ("Referrals with harm", "of referrals name a child in harm"),
        "needless_family_weeks_per_10k_year": ("Needless weeks", "of service, a year per 10,000 children"),
        "equity_gap_false_alarm": (
            "Deprivation gap in alarms",
            "a year per 10,000, most less least deprived",
        ),
    },
    "Workload": {
        "referrals_per_10k_year": ("Referrals", "a year per 10,000 children"),
        "rereferral_share_12m": ("Re-referrals", "of referrals, within 12 months"),
        "plan_stock_per_10k": ("Children on a plan", "per 10,000 children in a mean week"),
        "initial_on_time_share": ("Assessed on time", "of initial assessments"),
        "utilisation_mean": ("Hours demanded", "for each hour available"),
        "caseload_mean": ("Caseload", "open children for each social worker"),
        "turnover_per_year": ("Turnover", "of social workers leave in a year"),
    },
    "Money": {
        "cost_gbp_per_child_year": ("Cost", "a year for each child; harm has no price"),
    },
}
"""Heading -> name in the summary -> what it is called here, and its meaning in a few words."""


def as_text(shown: RenderableType) -> str:
    """What rich makes of something where there is no terminal, without colours."""
    page = io.StringIO()
    Console(file=page, width=_COLUMNS, color_system=None).print(shown)
    return page.getvalue()


def printed(result: RunResult) -> Group:
    """Lay out the summary of `result` for rich: about 40 lines of 80 characters, without colour where there is none."""
    page = Table.grid(padding=(0, 2))
    page.add_column(no_wrap=True)
    page.add_column(justify="right", no_wrap=True)
    page.add_column()
    for heading, rows in HEADLINES.items():
        page.add_row(Text(heading, style="bold"))
        for name, (label, meaning) in rows.items():
            page.add_row(
                Text(f"  {label}"), formatted(name, result.summary[name]), Text(meaning, style="dim")
            )
        if heading == "Misses":
            _add_causes(page, result.summary["missed_by_cause"])
    places = result.authorities
    beside = (by_authority(places), "") if places["authority"].nunique() > 1 else ()
    return Group(Text(_title(result), style="bold"), "", page, "", *beside, Text(CAUTION, style="italic"))


def formatted(name: str, value: Any) -> str:
    """Write the number of one name of the summary as its unit asks; "–" where it is undefined."""
    if value is None:
        return UNDEFINED
    unit = SUMMARY[name].unit
    if unit.startswith("share"):
        return percent(value)
    number = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if unit != "ratio" else f"{value:.2f}"
    return {GBP: f"£{number}", WEEKS: f"{number} wk", MONTHS: f"{number} mo"}.get(unit, number)


def percent(share: float) -> str:
    """Write a share as a percentage, with a decimal where it is small."""
    if 0 < share < 0.0005:
        return "<0.1 %"
    return f"{100 * share:.0f} %" if share == 0 or share >= 0.0995 else f"{100 * share:.1f} %"


def period(result: RunResult) -> str:
    """The evaluated years in words, such as `April 2005 to March 2010`."""
    dates = result.weekly.loc[result.weekly["phase"] == "evaluated", "date"]
    return f"{dates.iloc[0]:%B %Y} to {dates.iloc[-1]:%B %Y}"


def _title(result: RunResult) -> str:
    children = result.weekly.loc[result.weekly["phase"] == "evaluated", "children"].mean()
    return f"{result.scenario['name']}, seed {result.seed}: {children:,.0f} children, {period(result)}"


def _add_causes(page: Table, causes: Any) -> None:
    """The three steps where most of the missed risks were lost."""
    most = sorted((causes or {}).items(), key=lambda item: -item[1])[:3]
    for place, (code, share) in enumerate(most):
        label = "  Where they were lost" if place == 0 else ""
        page.add_row(
            label,
            formatted("missed_by_cause", share),
            Text(f"of misses: {CAUSES[code].lower()}", style="dim"),
        )
