"""An attribution as text for a terminal: a table of the three methods, and sentences about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from cpsim.formatting import format_count, format_decimals, format_percent
from cpsim.present.phrases import add_changes

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import pandas as pd

    from cpsim.results.attribution import Attribution

_COLUMNS = ("ledger", "but for", "±", "Shapley", "±", "+protected", "+missed")


def format_attribution(attribution: Attribution) -> Group:
    """Lay out the three methods for rich, 80 characters wide: one row a stage, the sums, and what stays missed."""
    page = Table.grid(padding=(0, 1))
    page.add_column(no_wrap=True)
    for _ in _COLUMNS:
        page.add_column(justify="right", no_wrap=True)
    page.add_row(Text("Stage", style="bold"), *(Text(name, style="dim") for name in _COLUMNS))
    for row in attribution.table.to_dict("records"):
        page.add_row(
            f"  {row['stage'].capitalize()}",
            format_percent(row["ledger_share"]),
            format_percent(row["but_for_share"]),
            _format_half_width(row, "but_for"),
            format_percent(row["shapley_share"]),
            _format_half_width(row, "shapley"),
            format_decimals(row["newly_reached"]),
            format_decimals(row["newly_missed"]),
        )
    sums = attribution.table[["ledger_share", "but_for_share", "shapley_share"]].sum(min_count=1)
    ledger, but_for, shapley = (Text(format_percent(value), style="bold") for value in sums)
    page.add_row(Text("  Sum", style="bold"), ledger, but_for, "", shapley)
    page.add_row(
        Text("  Missed if all are perfect", style="bold"), "", "", "", format_percent(attribution.floor)
    )
    sentences = [Text(sentence) for sentence in describe_attribution(attribution)]
    legend = Text(_LEGEND, style="dim")
    caution = Text("Everyone is invented: this is no judgement on a stage of a real council.", style="italic")
    return Group(Text(_title(attribution), style="bold"), "", page, "", legend, "", *sentences, "", caution)


_LEGEND = (
    "Shares of misses. Ledger: the furthest chain of concern stopped at this stage. But for: averted if this stage "
    "alone were perfect. Shapley: its part of the misses averted if all stages were perfect. ±: half the width of a "
    "95% interval, over seeds or sampled orders, in percentage points. +protected, +missed: spells newly "
    "protected and newly missed if this stage alone is perfect."
)


def describe_attribution(attribution: Attribution) -> list[str]:
    """Describe the results in sentences: the main stages, why the sums differ, new misses, and what stays missed."""
    if not attribution.missed:
        return ["Nothing was missed, so there is nothing to attribute."]
    table = attribution.table.set_index("stage")
    return [
        _describe_main_stages(table),
        _explain_sums(float(table["but_for_share"].sum()), float(table["shapley_share"].sum())),
        _describe_newly_missed(table["newly_missed"]),
        f"With every stage perfect, {format_percent(attribution.floor)} of the misses remain.",
    ]


def _describe_main_stages(table: pd.DataFrame) -> str:
    """Name the stage with the largest share by each method."""
    (ledger, stopped), (but_for, averted), (shapley, part) = (
        _find_largest(table[f"{name}_share"]) for name in ("ledger", "but_for", "shapley")
    )
    start = f"Chains of concern about missed children stopped most often at {ledger} ({stopped})"
    if ledger == but_for == shapley:
        return (
            f"{start}. That stage would also avert the most misses if it alone were perfect ({averted}), and it has "
            f"the largest share if all stages are perfect ({part})."
        )
    return (
        f"{start}. As the only perfect stage, {but_for} would avert the most misses ({averted}). Of the misses "
        f"averted if all stages are perfect, {shapley} has the largest share ({part} of all misses)."
    )


def _find_largest(shares: pd.Series[float]) -> tuple[str, str]:
    """Return the stage with the largest share, and that share as text."""
    return str(shares.idxmax()), format_percent(shares.max())


def _explain_sums(alone: float, together: float) -> str:
    """Explain why the misses averted by each stage alone do not add up to those averted by all stages together."""
    sums = (
        f"The stages, each perfect alone, avert {format_percent(alone)} of the misses in sum; all together avert "
        f"{format_percent(together)}"
    )
    if alone < together:
        return (
            f"{sums}. At least {format_percent(together - alone)} of the misses need more than one perfect stage, "
            "because a concern that passes one stage may stop at a later one."
        )
    return (
        f"{sums}. Many misses can be averted at more than one stage, and the sum counts each of these stages."
    )


def _describe_newly_missed(newly_missed: pd.Series[float]) -> str:
    """Name the stage with most new misses if it alone is perfect."""
    if not newly_missed.any():
        return "No perfect stage leads to new misses."
    stage = str(newly_missed.idxmax())
    spells = format_count(newly_missed[stage], "spell")
    return (
        f"A perfect stage also leads to new misses, because children compete for the same social workers: most with "
        f"{stage} perfect, {spells} per seed."
    )


def _title(attribution: Attribution) -> str:
    seeds = attribution.seeds
    which = f"seed {seeds[0]}" if len(seeds) == 1 else format_count(len(seeds), "seed")
    missed, spells = format_decimals(attribution.missed), format_count(attribution.spells, "spell")
    title = f"{attribution.scenario}, {which}: {missed} of {spells} of harm missed, by stage"
    return add_changes(title, attribution.provenance, "\n")


def _format_half_width(row: Mapping[Hashable, float], method: str) -> str:
    """Format half the width of an interval in percentage points; empty if there is none."""
    width = row[f"{method}_high"] - row[f"{method}_low"]
    return format_decimals(50 * width, 1) if width > 0 else ""
