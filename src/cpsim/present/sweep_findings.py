"""The findings of a sweep as tables, and as text alternatives to its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cpsim.analysis.wording import format_cell
from cpsim.formatting import format_outcome_name
from cpsim.present.blocks import PageColumn, PageTable, RowGroup
from cpsim.present.phrases import format_code, isolate_name
from cpsim.results import SUMMARY

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from cpsim.present.blocks import Text

_MOST_ROWS = 8
_HEADS = {
    "p_holm": "p (Holm)",
    "boot_low": "Low, bootstrap",
    "boot_high": "High, bootstrap",
    "mu_star": "Mean size",
    "mu": "Mean",
}
_NAMES, _SETTINGS = ("arm", "of"), ("setting", "other")
_TEXTS = (*_NAMES, *_SETTINGS, "verdict", "status", "worse_is", "shown")


def describe_figure(figure: Figure, rows: pd.DataFrame) -> str:
    """Describe a figure by its label and the first rows of its table."""
    texts = (
        ", ".join(f"{_format_head(str(name)).lower()} {_format_item(row[name])}" for name in rows.columns)
        for row in rows.head(_MOST_ROWS).to_dict("records")
    )
    more = f" and {len(rows) - _MOST_ROWS} more" if len(rows) > _MOST_ROWS else ""
    return f"{figure.get_label()} {'; '.join(texts)}{more}."


def _format_item(item: Any) -> str:
    return format_outcome_name(item) if isinstance(item, str) else format_cell(item)


def create_table(title: str, rows: pd.DataFrame) -> PageTable:
    """Create a table from rows of an analysis; rows about the same outcome are grouped."""
    if "outcome" not in rows:
        return PageTable(title, _create_columns(rows), (RowGroup(_create_cells(rows)),))
    groups = tuple(
        RowGroup(
            _create_cells(rows[rows["outcome"] == outcome].drop(columns="outcome")), _format_unit(outcome)
        )
        for outcome in dict.fromkeys(rows["outcome"])
    )
    return PageTable(title, _create_columns(rows.drop(columns="outcome")), groups)


def _create_columns(rows: pd.DataFrame) -> tuple[PageColumn, ...]:
    return tuple(
        PageColumn(
            f"{_format_head(name)}, 95%" if _has_limits(rows, name) else _format_head(name),
            name not in _TEXTS,
        )
        for name in _select_columns(rows)
    )


def _create_cells(rows: pd.DataFrame) -> tuple[tuple[Text, ...], ...]:
    shown = _select_columns(rows)
    return tuple(tuple(_format_cell(rows, name, row) for name in shown) for row in rows.to_dict("records"))


def _select_columns(rows: pd.DataFrame) -> list[str]:
    """Return the names of the columns to show; limits are shown with their estimate."""
    with_limits = [name for name in map(str, rows.columns) if _has_limits(rows, name)]
    limits = {f"{name}_{limit}" for name in with_limits for limit in ("low", "high")}
    return [name for name in map(str, rows.columns) if name not in limits]


def _has_limits(rows: pd.DataFrame, name: str) -> bool:
    return {f"{name}_low", f"{name}_high"} <= set(rows.columns)


def _format_cell(rows: pd.DataFrame, name: str, row: dict[Any, Any]) -> Text:
    content = row[name]
    if name in _SETTINGS and isinstance(content, str):
        return format_code(content)
    if _has_limits(rows, name):
        return f"{format_cell(content)} ({format_cell(row[f'{name}_low'])} to {format_cell(row[f'{name}_high'])})"
    return isolate_name(content) if name in _NAMES else format_cell(content)


def _format_unit(outcome: str) -> str:
    quantity = SUMMARY.get(outcome.partition(".")[0])
    name = format_outcome_name(outcome)
    return f"{name[0].upper()}{name[1:]}, {quantity.unit}" if quantity else name


def _format_head(name: str) -> str:
    return _HEADS.get(name, f"{name[0].upper()}{name[1:]}".replace("_", " "))
