"""The attribution of misses to stages: three methods, always shown together.

*Ledger*: the stage at which the furthest chain of concern about a missed child stopped. *But for*: the share of
misses that would be averted if that stage alone were perfect. *Shapley*: the stage's share of the misses averted if all
stages were perfect, averaged over all orders of making one stage after another perfect.

In the example of `Attribution`, `attribution` is the attribution of 200 missed spells of harm out of 300.

>>> from cpsim.results.attribution import ATTRIBUTION_TABLES, STAGE_GROUPS
>>> STAGE_GROUPS["sharing and pooling"]
('C3',)
>>> ATTRIBUTION_TABLES["runs"]["missed"].meaning
'Spells missed at their deadline.'
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

import pandas as pd
from pydantic import Field

from cpsim.constants import MAX_SEED
from cpsim.formatting import format_count
from cpsim.results.columns import TableColumn
from cpsim.results.display import Described
from cpsim.results.folder import replace_file
from cpsim.results.loading import FileModel, Provenance, describe_changes, open_folder
from cpsim.results.names import STOPS
from cpsim.results.tables import conform, convert_rows
from cpsim.scenario.text import escape_unsafe

__all__ = ["ATTRIBUTION_TABLES", "STAGE_GROUPS", "Attribution"]

FILE = "attribution.json"
"""Name of the attribution's file in a run's folder."""

STAGE_GROUPS: dict[str, tuple[str, ...]] = {
    "opportunity": ("C0",),
    "noticing and recording": ("C1", "C2"),
    "sharing and pooling": ("C3",),
    "transit": ("C4",),
    "front door and assessment": ("C5", "C6", "C7"),
    "protection": ("C8", "C9"),
}
"""The six stages that can be made perfect, in the order in which a concern travels: name -> codes of stops."""

ALL_ORDERS = 720
"""Number of orders in which six stages can be made perfect, 6!."""

AS_IT_IS = ""
"""Name in `runs` of the run in which no stage is perfect."""
ALL_PERFECT = " + ".join(STAGE_GROUPS)
"""Name in `runs` of the run in which every stage is perfect."""


def _rate(meaning: str, low: float | None = None, high: float | None = None) -> TableColumn:
    return TableColumn("float64", meaning, low=low, high=high)


_SEED = TableColumn("int64", "Seed of the world.", low=0)
_STAGE = TableColumn("category", "Stage that can be made perfect.", tuple(STAGE_GROUPS))
_SHARES = {
    "ledger_share": _rate(
        "Share of misses for which the furthest chain of concern had stopped here at the deadline.", 0, 1
    ),
    "but_for_share": _rate("Share of misses averted if this stage alone were perfect."),
    "shapley_share": _rate(
        "Shapley share: this stage's part of the misses averted if all stages were perfect, as a share of all misses."
    ),
    "shapley_error": _rate(
        "Standard error of the Shapley share: over sampled orders for one seed, over seeds for several."
    ),
    "newly_reached": _rate(
        "Spells missed as it is but not if this stage alone were perfect, mean over seeds."
    ),
    "newly_missed": _rate(
        "Spells missed only if this stage alone were perfect, mean over seeds: children compete for social workers."
    ),
}

ATTRIBUTION_TABLES: dict[str, dict[str, TableColumn]] = {
    "table": {
        "stage": _STAGE,
        "stops": TableColumn("str", "Codes of the stops that belong to the stage, such as C3."),
        **_SHARES,
        "but_for_low": _rate(
            "Lower limit of the 95% interval of `but_for_share` over seeds; empty for one seed."
        ),
        "but_for_high": _rate("Upper limit of the same interval."),
        "shapley_low": _rate(
            "Lower limit of the 95% interval of `shapley_share`, over seeds, or over sampled orders for one seed."
        ),
        "shapley_high": _rate("Upper limit of the same interval."),
    },
    "by_seed": {"seed": _SEED, "stage": _STAGE, **_SHARES},
    "runs": {
        "seed": _SEED,
        "perfect": TableColumn("str", "Perfect stages, joined by ' + '; empty in the run as it is."),
        "spells": TableColumn(
            "int64", "Spells of significant harm with onset in the evaluated years.", low=0
        ),
        "missed": TableColumn("int64", "Spells missed at their deadline.", low=0),
    },
    "children": {
        "seed": _SEED,
        "stage": _STAGE,
        "child": TableColumn("int64", "Row of the child.", low=0),
        "onset": TableColumn("int64", "Week in which the harm began."),
        "stopped_at": TableColumn(
            "category", "Where the chain stopped as it is; empty if not missed.", tuple(STOPS), optional=True
        ),
        "newly_reached": TableColumn(
            "bool", "True if missed as it is and not if this stage alone were perfect; false if the reverse."
        ),
    },
}
"""Table -> column -> its description."""


@dataclass(eq=False, repr=False)
class Attribution(Described):
    """Three attributions of the misses of one scenario, over one or more seeds.

    Shares are shares of missed spells of harm, 0 to 1; NaN if nothing was missed.

    Raises:
        ValueError: on construction, if a table lacks a documented column or has an undocumented one.

    >>> attribution.missed, attribution.spells, attribution.floor
    (200.0, 300.0, 0.1)
    >>> shares = attribution.table.set_index("stage")[["ledger_share", "but_for_share", "shapley_share"]]
    >>> shares["ledger_share"].idxmax(), shares["shapley_share"].idxmax()
    ('noticing and recording', 'front door and assessment')

    It is saved in the folder of a run and read back as it was:

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = attribution.save(folder)
    ...     again = Attribution.load(folder)
    >>> path.name, again.table.equals(attribution.table)
    ('attribution.json', True)
    """

    scenario: str
    """Name of the scenario."""
    seeds: tuple[int, ...]
    """The seeds of the worlds."""
    orders: int
    """Number of orders over which the Shapley shares are averaged; 720 if they are exact."""
    table: pd.DataFrame
    """One row a stage: the three methods, means over seeds; columns as in `ATTRIBUTION_TABLES`."""
    by_seed: pd.DataFrame
    """One row a seed and stage: the three methods."""
    runs: pd.DataFrame
    """One row a seed and combination of perfect stages that was run."""
    children: pd.DataFrame
    """One row a seed, stage and spell whose fate changes if this stage alone is perfect."""
    provenance: dict[str, Any]
    """Versions, hashes, platform and time, as in a run's `provenance.json`."""

    def __post_init__(self) -> None:
        for name in ATTRIBUTION_TABLES:
            setattr(self, name, conform(name, getattr(self, name), ATTRIBUTION_TABLES))

    @property
    def spells(self) -> float:
        """Spells of harm evaluated, mean over seeds."""
        return float(self._select_runs(AS_IT_IS)["spells"].mean())

    @property
    def missed(self) -> float:
        """Spells of harm missed as it is, mean over seeds."""
        return float(self._select_runs(AS_IT_IS)["missed"].mean())

    @property
    def floor(self) -> float:
        """Share of misses that remain if every stage is perfect, mean over seeds."""
        at_best = self._select_runs(ALL_PERFECT).set_index("seed")["missed"]
        as_it_is = self._select_runs(AS_IT_IS).set_index("seed")["missed"]
        return float((at_best / as_it_is.where(as_it_is > 0)).mean())

    def _select_runs(self, perfect: str) -> pd.DataFrame:
        return self.runs[self.runs["perfect"] == perfect]

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write `attribution.json` into an existing folder, in place of an earlier one, and return its path.

        Raises:
            OutputError: it cannot be written, or a file of this name is not from cpsim.
        """
        frames = {name: getattr(self, name).to_dict("split", index=False) for name in ATTRIBUTION_TABLES}
        about = {
            "scenario": self.scenario,
            "seeds": list(self.seeds),
            "orders": self.orders,
            "provenance": self.provenance,
        }
        text = json.dumps(_replace_nan(about | frames), ensure_ascii=False, allow_nan=False) + "\n"
        return replace_file(Path(folder) / FILE, text.encode())

    @classmethod
    def load(cls, folder: str | os.PathLike[str], *, anyway: bool = False) -> Self:
        """Read `attribution.json` from a run's folder.

        Args:
            folder: the folder.
            anyway: read it even if it has changed since it was written; the provenance lists it under
                `changed_files`, and everything that shows the result says so.

        Raises:
            ChangedFileError: it has changed since it was written.
            InvalidFileError: its content cannot be an attribution.
            OutputError: it is missing.
        """
        with open_folder(folder, "a run with an attribution", anyway=anyway) as reader:
            reader.read(FILE)
            data, head = reader.read_json(FILE, _Content)
            frames = {}
            for name in ATTRIBUTION_TABLES:
                content: _Frame = getattr(head, name)
                with reader.report(FILE):
                    frames[name] = convert_rows(name, content.columns, content.data, ATTRIBUTION_TABLES)
            with reader.report(FILE):
                _check_frames(frames, head.seeds)
            return cls(
                scenario=head.scenario,
                seeds=tuple(head.seeds),
                orders=head.orders,
                provenance=reader.mark(data["provenance"]),
                **frames,
            )

    def __repr__(self) -> str:
        seeds = ", ".join(map(str, self.seeds))
        changes, runs = describe_changes(self.provenance), format_count(len(self.runs), "run")
        return (
            f"<Attribution {escape_unsafe(self.scenario)}, seeds {seeds}: {runs}{changes and f'; {changes}'}>"
        )


class _Frame(FileModel):
    """A table in `attribution.json`."""

    columns: list[str]
    data: list[list[Any]]


class _Content(FileModel):
    """What `attribution.json` contains."""

    scenario: str
    seeds: list[Annotated[int, Field(ge=0, le=MAX_SEED)]] = Field(min_length=1)
    orders: int = Field(ge=1, le=ALL_ORDERS)
    provenance: Provenance
    table: _Frame
    by_seed: _Frame
    runs: _Frame
    children: _Frame


def _check_frames(frames: Mapping[str, pd.DataFrame], seeds: Sequence[int]) -> None:
    """Check that the tables have all stages and seeds, and no other seeds.

    Raises:
        ValueError: they do not.
    """
    for name in ("by_seed", "runs", "children"):
        unknown = set(frames[name]["seed"]) - set(seeds)
        if unknown:
            raise ValueError(f"column {name}.seed: {min(unknown)} is not in seeds")
    for name, expected in (("table", len(STAGE_GROUPS)), ("by_seed", len(STAGE_GROUPS) * len(seeds))):
        if len(frames[name]) != expected:
            raise ValueError(f"table {name}: expected {expected} rows, not {len(frames[name])}")
    runs = frames["runs"]
    for perfect in (AS_IT_IS, ALL_PERFECT):
        if sorted(runs.loc[runs["perfect"] == perfect, "seed"]) != sorted(seeds):
            raise ValueError(f"column runs.perfect: expected one run with {perfect!r} for each seed")
    if (runs["missed"] > runs["spells"]).any():
        raise ValueError("column runs.missed: more spells are missed than there are, in column spells")


def _replace_nan(value: Any) -> Any:
    """Convert values for JSON, with None for NaN."""
    if isinstance(value, Mapping):
        return {key: _replace_nan(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_replace_nan(inner) for inner in value]
    return None if isinstance(value, float) and math.isnan(value) else value
