"""The authorities of a run beside each other, as a student reads them in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    import pandas as pd

MOST_SHOWN = 20


def by_authority(places: pd.DataFrame) -> Group:
    """Lay out the table of authorities for rich: misses beside false alarms and workload, over all evaluated years.

    Of many authorities those are shown that miss most; all are in the table itself.
    """
    years = int(places["year"].max())
    sums = places.drop(columns=["year", "name"]).groupby("authority").sum()
    sums["missed_share"] = sums["missed"] / (sums["spells"] - sums["censored"])
    names = places.groupby("authority")["name"].first()
    shown = sums
    if len(sums) > MOST_SHOWN:
        shown = sums.sort_values("missed_share", ascending=False, kind="stable").head(MOST_SHOWN)
    page = Table.grid(padding=(0, 2))
    page.add_column()
    for _ in _COLUMNS:
        page.add_column(justify="right")
    page.add_row(Text("Authorities", style="bold"), *(Text(name, style="dim") for name in _COLUMNS))
    for name, (_, row) in zip(names[shown.index], shown.iterrows(), strict=True):
        page.add_row(
            f"  {name}",
            f"{row['children'] / years:,.0f}",
            _share(row["missed"], row["spells"] - row["censored"]),
            f"{1e4 * row['false_alarm_families'] / row['children']:,.0f}",
            f"{1e4 * row['referrals'] / row['children']:,.0f}",
            _share(row["initial_on_time"], row["initial_finished"]),
            f"{row['hours_demanded'] / row['hours_available']:.2f}" if row["hours_available"] else "–",
        )
    left_out = len(sums) - len(shown)
    note = [Text(f"  and {left_out} more, which miss less", style="dim")] if left_out else []
    return Group(page, *note)


_COLUMNS = ("children", "missed", "alarmed", "referrals", "on time", "load")
"""Children; missed risks; false-alarm families and referrals a year per 10,000 children; initial assessments on time;
hours demanded for each hour available."""


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"
