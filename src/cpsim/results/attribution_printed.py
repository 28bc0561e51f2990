"""The three readings side by side, as a student reads them in the terminal, and what they say in plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from cpsim.results.printed import CAUTION, UNDEFINED, percent

if TYPE_CHECKING:
    from cpsim.results.attribution import Attribution

_COLUMNS = ("lost here", "but for", "95 %", "Shapley", "± 2 s.e.", "rescued", "newly missed")


def printed(attribution: Attribution) -> Group:
    """Lay out the three readings for rich: a row a stage, their sums, and the floor."""
    page = Table.grid(padding=(0, 2))
    page.add_column(no_wrap=True)
    for _ in _COLUMNS:
        page.add_column(justify="right", no_wrap=True)
    page.add_row(Text("Stage", style="bold"), *(Text(name, style="dim") for name in _COLUMNS))
    for row in attribution.table.itertuples():
        page.add_row(
            f"  {str(row.stage).capitalize()}",
            _share(row.ledger_share),
            _share(row.but_for_share),
            _between(row.but_for_low, row.but_for_high),
            _share(row.shapley_share),
            _points(2 * float(row.shapley_error)),
            f"{row.rescued:,.0f}",
            f"{row.newly_missed:,.0f}",
        )
    sums = attribution.table[["ledger_share", "but_for_share", "shapley_share"]].sum(min_count=1)
    ledger, but_for, shapley = (Text(_share(value), style="bold") for value in sums)
    page.add_row(Text("  In all", style="bold"), ledger, but_for, "", shapley)
    page.add_row(Text("  Nobody could have", style="bold"), "", "", "", _share(attribution.floor))
    said = [Text(sentence) for sentence in sentences(attribution)]
    return Group(
        Text(_title(attribution), style="bold"), "", page, "", *said, "", Text(CAUTION, style="italic")
    )


def sentences(attribution: Attribution) -> list[str]:
    """What the three readings say: what each counts, why the sums differ, who is lost instead, and what is left."""
    table = attribution.table.set_index("stage")
    if not attribution.missed:
        return ["Nothing was missed, so there is nothing to share out."]
    most = {
        name: str(table[f"{name}_share"].idxmax()) for name in ("ledger", "but_for", "shapley")
    }  # the first of equals
    alone, together = float(table["but_for_share"].sum()), float(table["shapley_share"].sum())
    return [
        f"Most missed spells were lost in {most['ledger']} ({percent(table['ledger_share'].max())}). To be perfect "
        f"there alone would rescue most in {most['but_for']} ({percent(table['but_for_share'].max())}).",
        _why_sums_differ(alone, together),
        f"Shares that add up give {most['shapley']} the largest part "
        f"({percent(table['shapley_share'].max())} of all missed).",
        f"Made perfect, the stages also lose children whom the system as it is protects: {_lost(attribution)}.",
        f"With every stage perfect, {percent(attribution.floor)} stay missed.",
    ]


def _why_sums_differ(alone: float, together: float) -> str:
    """Why the shares of the stages alone do not add up, whichever way they fail to."""
    said = f"One at a time the perfect stages rescue {percent(alone)} in all, together {percent(together)}: "
    if alone < together:
        return said + (
            "most missed children would have been lost again further on, so no single repair finds them."
        )
    return said + "many missed children can be found in more than one way, and are counted for each."


def _lost(attribution: Attribution) -> str:
    worst = attribution.table.loc[attribution.table["newly_missed"].idxmax()]
    if not worst["newly_missed"]:
        return "nobody here"
    return f"at most {worst['newly_missed']:,.1f} spells a seed, with perfect {worst['stage']}"


def _title(attribution: Attribution) -> str:
    seeds = attribution.seeds
    which = f"seed {seeds[0]}" if len(seeds) == 1 else f"{len(seeds)} seeds"
    return (
        f"{attribution.scenario}, {which}: {attribution.missed:,.0f} missed of {attribution.spells:,.0f} spells of "
        f"harm; who answers for them?"
    )


def _share(value: object) -> str:
    number = float(value)  # type: ignore[arg-type]
    if math.isnan(number):
        return UNDEFINED
    return f"−{percent(-number)}" if number < 0 else percent(number)


def _points(value: float) -> str:
    return UNDEFINED if math.isnan(value) else f"{100 * value:.1f}"


def _between(low: object, high: object) -> str:
    return "" if math.isnan(float(low)) else f"{_share(low)} to {_share(high)}"  # type: ignore[arg-type]
