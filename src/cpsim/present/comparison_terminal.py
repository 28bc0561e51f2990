"""A comparison as text for a terminal: misses together with harm, assessments, workload and money."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cpsim.formatting import (
    UNDEFINED,
    format_count,
    format_difference,
    format_interval,
    format_month,
    format_outcome,
)
from cpsim.measures.outcomes import group_by_heading
from cpsim.present.phrases import add_changes
from cpsim.present.reach import list_effect_lines
from cpsim.present.run_terminal import CAUTION
from cpsim.results.comparison_tables import PAIRINGS
from cpsim.results.names import STOPS
from cpsim.results.verdicts import CANNOT_BE_SAID, HIGHER, LOWER, NOT_SHOWN

if TYPE_CHECKING:
    import pandas as pd

    from cpsim.results.comparison import Comparison

_MOST_STOPS = 3
_NUMBERS = ["reference_mean", "mean", "difference", "low", "high"]
_LABEL, _NAME = 26, 8
"""Width in characters of a label, and of an arm's name above its column."""
_VERDICTS = {NOT_SHOWN: "not shown", CANNOT_BE_SAID: UNDEFINED}


def format_comparison(comparison: Comparison) -> Group:
    """Lay out a comparison for rich: for each arm a table of 80 characters, then the sentences."""
    parts: list[Any] = [Text(_title(comparison), style="bold")]
    for arm in comparison.others:
        parts += [
            "",
            Text(f"{arm}: {PAIRINGS[comparison.pairing[arm]]}", style="dim"),
            *_list_effects(comparison, arm),
            _format_table(comparison, arm),
        ]
    for sentence in comparison.describe():
        parts += ["", Padding(Text(sentence), (0, 0, 0, 2))]
    return Group(*parts, "", Text(CAUTION, style="italic"))


def _list_effects(comparison: Comparison, arm: str) -> list[Text]:
    """List what the events of an arm do that the reference does not have."""
    arms = comparison.scenarios
    return [Text(line, style="dim") for line in list_effect_lines(arms[arm], arms[comparison.reference])]


def _title(comparison: Comparison) -> str:
    clock = comparison.scenarios[comparison.reference]["clock"]
    seeds, years = format_count(len(comparison.seeds), "seed"), format_count(clock["years"], "year")
    others = ", ".join(comparison.others)
    title = f"{others} against {comparison.reference}: {seeds}, {years} from {format_month(clock['start'])}"
    return add_changes(title, comparison.provenance, "\n")


def _format_table(comparison: Comparison, arm: str) -> Table:
    rows = _select_known(comparison, arm)
    page = Table.grid(padding=(0, 1))
    page.add_column(min_width=_LABEL, max_width=_LABEL)
    for _ in range(4):
        page.add_column(justify="right", no_wrap=True)
    names = (_shorten(comparison.reference), _shorten(arm), "difference (95%)", "")
    for heading, outcomes in group_by_heading("comparison").items():
        head = names if heading == "Missed risk" else ("",) * 4
        page.add_row(Text(heading, style="bold"), *(Text(name, style="dim") for name in head))
        for each in outcomes:
            page.add_row(_indent(each.label, 2), *_format_cells(each.name, rows.loc[each.name]))
        stops = _select_stops(rows) if heading == "Missed risk" else []
        if stops:
            page.add_row("  Where the chain stopped:")
            for code in stops:
                outcome = f"chain_stopped_at.{code}"
                page.add_row(_indent(STOPS[code].lower(), 4), *_format_cells(outcome, rows.loc[outcome]))
    return page


def _select_known(comparison: Comparison, arm: str) -> pd.DataFrame:
    """Select the differences of an arm, without outcomes that are undefined in most seeds."""
    rows = comparison.select_rows()
    rows = rows[rows["arm"] == arm].set_index("outcome")
    scarce = 2 * rows["seeds"] < len(comparison.seeds)
    rows.loc[scarce, _NUMBERS] = math.nan
    rows.loc[scarce, "verdict"] = CANNOT_BE_SAID
    return rows


def _select_stops(rows: pd.DataFrame) -> list[str]:
    """Select the places at which the share of chains that stop changes most."""
    sizes = rows["difference"].abs()[[f"chain_stopped_at.{code}" for code in STOPS]]
    most = sizes[sizes > 0].sort_values(ascending=False, kind="stable").head(_MOST_STOPS)
    return [str(outcome).removeprefix("chain_stopped_at.") for outcome in most.index]


def _format_cells(outcome: str, row: Any) -> tuple[str, str, str, Text]:
    before, after = (format_outcome(outcome, row[when]) for when in ("reference_mean", "mean"))
    shown = row["verdict"] in (HIGHER, LOWER)
    is_same = row["verdict"] == NOT_SHOWN and row["low"] == row["high"] == 0
    word = "the same" if is_same else _VERDICTS.get(row["verdict"], row["verdict"])
    verdict = Text(word, style="bold" if shown else "dim")
    return before, after, _format_interval(outcome, row), verdict


def _format_interval(outcome: str, row: Any) -> str:
    """Format a difference with its interval, without the unit, which the levels next to it show."""
    half = (row["high"] - row["low"]) / 2
    text = format_difference(outcome, row["difference"], half, unit=False)
    if not math.isnan(half):
        text += f" ({format_interval(outcome, row['low'], row['high'], unit=False).replace('+', '')})"
    return text.replace("£", "")


def _indent(label: str, spaces: int) -> Padding:
    """Indent a label, and every line of it if it is too long for one."""
    return Padding(Text(label), (0, 0, 0, spaces))


def _shorten(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
