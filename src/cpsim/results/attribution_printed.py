"""The three readings side by side, as a student reads them in the terminal, and what they say in plain words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from cpsim.results.printed import UNDEFINED, percent

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import pandas as pd

    from cpsim.results.attribution import Attribution

_COLUMNS = ("ledger", "but for", "±", "Shapley", "±", "rescued", "lost")


def printed(attribution: Attribution) -> Group:
    """Lay out the three readings for rich: a row a stage, their sums, and the floor; 80 characters wide."""
    page = Table.grid(padding=(0, 1))
    page.add_column(no_wrap=True)
    for _ in _COLUMNS:
        page.add_column(justify="right", no_wrap=True)
    page.add_row(Text("Stage", style="bold"), *(Text(name, style="dim") for name in _COLUMNS))
    for row in attribution.table.to_dict("records"):
        page.add_row(
            f"  {row['stage'].capitalize()}",
            _share(row["ledger_share"]),
            _share(row["but_for_share"]),
            _half(row, "but_for"),
            _share(row["shapley_share"]),
            _half(row, "shapley"),
            f"{row['rescued']:,.0f}",
            f"{row['newly_missed']:,.0f}",
        )
    sums = attribution.table[["ledger_share", "but_for_share", "shapley_share"]].sum(min_count=1)
    ledger, but_for, shapley = (Text(_share(value), style="bold") for value in sums)
    page.add_row(Text("  Sum", style="bold"), ledger, but_for, "", shapley)
    page.add_row(Text("  Missed whatever is perfect", style="bold"), "", "", "", _share(attribution.floor))
    said = [Text(sentence) for sentence in sentences(attribution)]
    legend = Text(_LEGEND, style="dim")
    caution = Text("Invented children: no stage of a real council is judged here.", style="italic")
    return Group(Text(_title(attribution), style="bold"), "", page, "", legend, "", *said, "", caution)


_LEGEND = (
    "Shares of the missed. Ledger: the furthest concern stopped there. But for: rescued if that stage alone were "
    "perfect. Shapley: its part in what all perfect stages rescue together. ±: half of a 95 % interval, over seeds or "
    "sampled orders, in points. Rescued, lost: spells, with that stage alone perfect."
)


def sentences(attribution: Attribution) -> list[str]:
    """What the three readings say: what each counts, why the sums differ, who is lost instead, and what is left."""
    if not attribution.missed:
        return ["Nothing was missed, so there is nothing to share out."]
    table = attribution.table.set_index("stage")
    return [
        _most(table),
        _why_sums_differ(float(table["but_for_share"].sum()), float(table["shapley_share"].sum())),
        _lost(table["newly_missed"]),
        f"With every stage perfect, {_share(attribution.floor)} stay missed.",
    ]


def _most(table: pd.DataFrame) -> str:
    """The stage that is foremost in each reading."""
    (where, lost), (rescuer, alone), (largest, fair) = (
        _foremost(table[f"{name}_share"]) for name in ("ledger", "but_for", "shapley")
    )
    here = f"Most concerns about the missed stopped at {where} ({lost})"
    if where == rescuer == largest:
        return (
            f"{here}, which would also rescue most if it alone were perfect ({alone}) and has the largest share when "
            f"all stages are ({fair})."
        )
    return (
        f"{here}. Perfect alone, {rescuer} would rescue most ({alone} of the missed). Of what all perfect stages "
        f"together rescue, {largest} has the largest share ({fair} of the missed)."
    )


def _foremost(shares: pd.Series[float]) -> tuple[str, str]:
    """The stage with the largest share, and how large that is."""
    return str(shares.idxmax()), _share(shares.max())


def _why_sums_differ(alone: float, together: float) -> str:
    """Why what the stages rescue alone does not add up to what they rescue together, whichever way it fails to."""
    sums = (
        f"The stages each perfect alone rescue {_share(alone)} of the missed, all together {_share(together)}"
    )
    if alone < together:
        return (
            f"{sums}: at least {_share(together - alone)} needed more than one repair, since whoever is found at one "
            "stage may be lost again further on."
        )
    return f"{sums}: many of the missed can be found in more than one way, and each way counts them."


def _lost(newly_missed: pd.Series[float]) -> str:
    """Whom perfect stages lose."""
    if not newly_missed.any():
        return "No stage made perfect loses a child whom the system as it is finds."
    stage = str(newly_missed.idxmax())
    number = f"{newly_missed[stage]:,.0f}"
    return (
        f"A perfect stage also loses children, because all share the same workers: {stage} alone {number} "
        f"{'spell' if number == '1' else 'spells'} a seed."
    )


def _title(attribution: Attribution) -> str:
    seeds = attribution.seeds
    which = f"seed {seeds[0]}" if len(seeds) == 1 else f"{len(seeds)} seeds"
    return (
        f"{attribution.scenario}, {which}: {attribution.missed:,.0f} missed of {attribution.spells:,.0f} spells of "
        f"harm; who answers for them?"
    )


def _share(number: float) -> str:
    if math.isnan(number):
        return UNDEFINED
    return f"−{percent(-number)}" if number <= -0.0005 else percent(abs(number))


def _half(row: Mapping[Hashable, float], reading: str) -> str:
    """Half of an interval in points; nothing where there is none."""
    width = row[f"{reading}_high"] - row[f"{reading}_low"]
    return f"{50 * width:.1f}" if width > 0 else ""
