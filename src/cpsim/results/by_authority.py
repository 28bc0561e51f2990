"""The authorities of a run side by side, as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from cpsim.formatting import UNDEFINED, format_decimals, format_outcome, format_share

if TYPE_CHECKING:
    import pandas as pd

MOST_SHOWN = 20
"""The most authorities in the table."""


def format_authorities(places: pd.DataFrame) -> Group:
    """Lay out the authorities for rich: misses with assessments and workload, over all evaluated years.

    If there are more than `MOST_SHOWN` authorities, those with the highest missed-risk rates are shown.

    Args:
        places: the table of a run; columns in `cpsim.results.TABLES["authorities"]`.
    """
    years = int(places["year"].max())
    sums = places.drop(columns=["year", "name"]).groupby("authority").sum()
    sums["missed_share"] = sums["missed"] / (sums["spells"] - sums["censored"])
    names = places.groupby("authority")["name"].first()
    shown = sums
    if len(sums) > MOST_SHOWN:
        shown = sums.sort_values("missed_share", ascending=False, kind="stable").head(MOST_SHOWN)
    page = _create_table("Authorities")
    for name, (_, row) in zip(names[shown.index], shown.iterrows(), strict=True):
        page.add_row(
            Text(f"  {name}"),
            format_decimals(row["children"] / years),
            format_share(row["missed"], row["spells"] - row["censored"]),
            format_outcome("assessed_neither_per_10k_year", 1e4 * row["assessed_neither"] / row["children"]),
            format_outcome("referrals_per_10k_year", 1e4 * row["referrals"] / row["children"]),
            format_share(row["initial_on_time"], row["initial_finished"]),
            format_outcome("utilisation_mean", row["hours_demanded"] / row["hours_available"])
            if row["hours_available"]
            else UNDEFINED,
        )
    left_out = len(sums) - len(shown)
    note = [Text(f"  and {left_out} more with lower missed-risk rates", style="dim")] if left_out else []
    return Group(page, *note)


def format_regions(regions: pd.DataFrame) -> Table:
    """Lay out the regions of a scenario in tiles for rich, and all of them together in the last row.

    Args:
        regions: the table of `cpsim.tiles.JoinedTiles`.
    """
    page = _create_table("Regions")
    for row in regions.to_dict("records"):
        page.add_row(
            Text(f"  {row['region']}"),
            format_decimals(row["children"]),
            *(format_outcome(name, row[name]) for name in _REGION_COLUMNS),
        )
    return page


def _create_table(title: str) -> Table:
    page = Table.grid(padding=(0, 2))
    page.add_column()
    for _ in _COLUMNS:
        page.add_column(justify="right")
    page.add_row(Text(title, style="bold"), *(Text(name, style="dim") for name in _COLUMNS))
    return page


_REGION_COLUMNS = (
    "missed_risk_rate", "assessed_neither_per_10k_year", "referrals_per_10k_year", "initial_on_time_share",
    "utilisation_mean",
)  # fmt: skip
"""Outcomes in the columns after the children."""
_COLUMNS = ("children", "missed", "assessed, neither", "referrals", "on time", "load")
"""Children; missed-risk rate; families assessed with neither need nor harm, and referrals, both per 10,000 children
a year; initial assessments on time; hours demanded for each hour available."""
