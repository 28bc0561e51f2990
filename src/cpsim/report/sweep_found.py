"""What a sweep has found: its tables for a page, and in words for those who cannot see its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cpsim.report.blocks import Column, Group, Table
from cpsim.report.words import code, named
from cpsim.results import SUMMARY
from cpsim.study.analysis.wording import cell, readable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from cpsim.report.blocks import Text

_MOST_TOLD = 8
_HEADS = {
    "p_holm": "p (Holm)",
    "boot_low": "Low, bootstrap",
    "boot_high": "High, bootstrap",
    "mu_star": "Mean size",
    "mu": "Mean",
}
_NAMES, _SETTINGS = ("arm", "of"), ("setting", "other")
_WORDS = (*_NAMES, *_SETTINGS, "verdict", "status", "worse_is", "shown")


def in_words(figure: Figure, rows: pd.DataFrame) -> str:
    """The label that a figure has, and the first rows of its table."""
    told = (
        ", ".join(f"{_head(str(name)).lower()} {_plain(row[name])}" for name in rows.columns)
        for row in rows.head(_MOST_TOLD).to_dict("records")
    )
    more = f" and {len(rows) - _MOST_TOLD} more" if len(rows) > _MOST_TOLD else ""
    return f"{figure.get_label()} {'; '.join(told)}{more}."


def _plain(thing: Any) -> str:
    return readable(thing) if isinstance(thing, str) else cell(thing)


def table(title: str, rows: pd.DataFrame) -> Table:
    """The rows of an analysis as a table; where each is about one outcome, those about the same stand together."""
    if "outcome" not in rows:
        return Table(title, _columns(rows), (Group(_cells(rows)),))
    groups = tuple(
        Group(_cells(rows[rows["outcome"] == outcome].drop(columns="outcome")), _with_unit(outcome))
        for outcome in dict.fromkeys(rows["outcome"])
    )
    return Table(title, _columns(rows.drop(columns="outcome")), groups)


def _columns(rows: pd.DataFrame) -> tuple[Column, ...]:
    return tuple(
        Column(f"{_head(name)}, 95 %" if _has_limits(rows, name) else _head(name), name not in _WORDS)
        for name in _shown(rows)
    )


def _cells(rows: pd.DataFrame) -> tuple[tuple[Text, ...], ...]:
    shown = _shown(rows)
    return tuple(tuple(_cell(rows, name, row) for name in shown) for row in rows.to_dict("records"))


def _shown(rows: pd.DataFrame) -> list[str]:
    """Names of the columns; limits go with the estimate that they belong to."""
    with_limits = [name for name in map(str, rows.columns) if _has_limits(rows, name)]
    limits = {f"{name}_{limit}" for name in with_limits for limit in ("low", "high")}
    return [name for name in map(str, rows.columns) if name not in limits]


def _has_limits(rows: pd.DataFrame, name: str) -> bool:
    return {f"{name}_low", f"{name}_high"} <= set(rows.columns)


def _cell(rows: pd.DataFrame, name: str, row: dict[Any, Any]) -> Text:
    told = row[name]
    if name in _SETTINGS and isinstance(told, str):
        return code(told)
    if _has_limits(rows, name):
        return f"{cell(told)} ({cell(row[f'{name}_low'])} to {cell(row[f'{name}_high'])})"
    return named(told) if name in _NAMES else cell(told)


def _with_unit(outcome: str) -> str:
    known = SUMMARY.get(outcome.partition(".")[0])
    told = readable(outcome)
    return f"{told[0].upper()}{told[1:]}, {known.unit}" if known else told


def _head(name: str) -> str:
    return _HEADS.get(name, f"{name[0].upper()}{name[1:]}".replace("_", " "))
