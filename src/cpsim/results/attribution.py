"""How much of what was missed each stage answers for: three readings of the same misses, always side by side.

*Ledger*: the stage at which the furthest chain of concern about a missed child had stopped. *But for*: the share of the
missed whom that stage alone would have rescued, had it been perfect. *Shapley*: the stage's part in what all stages
together would have rescued, averaged over all orders of making one after the other perfect. Knows no model.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pandas as pd
from rich.console import Group

from cpsim.results.folder import OutputError
from cpsim.results.names import CAUSES
from cpsim.results.printed import as_text
from cpsim.results.tables import Column, conform

FILE = "attribution.json"
"""Name of the file in a run's folder."""

STAGE_GROUPS: dict[str, tuple[str, ...]] = {
    "opportunity": ("C0",),
    "noticing and recording": ("C1", "C2"),
    "sharing and pooling": ("C3",),
    "transit": ("C4",),
    "front door and assessment": ("C5", "C6", "C7"),
    "protection": ("C8", "C9"),
}
"""The six groups of steps that can be made perfect, in the order in which a concern travels: name -> ledger codes."""

ALL_ORDERS = 720
"""How many orders of making six stages perfect there are."""

AS_IT_IS = ""
ALL_PERFECT = " + ".join(STAGE_GROUPS)
"""What `runs` calls the run in which nothing is perfect, and that in which every stage is."""


def _share(meaning: str) -> Column:
    return Column("float64", meaning)


_SEED = Column("int64", "Seed of the world.")
_STAGE = Column("category", "Group of steps that lie in the same hands.", tuple(STAGE_GROUPS))
_READINGS = {
    "ledger_share": _share("Of the missed: the furthest chain of concern had stopped here at the deadline."),
    "but_for_share": _share("Of the missed: rescued if this stage alone were perfect."),
    "shapley_share": _share(
        "Part of the missed that all perfect stages together rescue which falls to this one, over all orders."
    ),
    "shapley_error": _share(
        "Standard error of the Shapley share: of the sampled orders for one seed, over seeds for several."
    ),
    "rescued": _share("Spells missed as it is and not if this stage alone were perfect; a seed."),
    "newly_missed": _share(
        "Spells missed only if this stage alone were perfect: children share workers; a seed."
    ),
}

ATTRIBUTION_TABLES: dict[str, dict[str, Column]] = {
    "table": {
        "stage": _STAGE,
        "causes": Column("str", "Codes of the ledger that belong to the stage."),
        **_READINGS,
        "but_for_low": _share("Lower end of the 95 % interval over seeds; empty for one seed."),
        "but_for_high": _share("Upper end of it."),
        "shapley_low": _share(
            "Lower end of the 95 % interval, over seeds or for one seed over sampled orders."
        ),
        "shapley_high": _share("Upper end of it."),
    },
    "by_seed": {"seed": _SEED, "stage": _STAGE, **_READINGS},
    "runs": {
        "seed": _SEED,
        "perfect": Column("str", "Stages that are perfect, joined by ' + '; empty in the run as it is."),
        "spells": Column("int64", "Spells of significant harm with onset in the evaluated years."),
        "missed": Column("int64", "Of these, missed at 13 weeks."),
    },
    "children": {
        "seed": _SEED,
        "stage": _STAGE,
        "child": Column("int64", "Number of the child in its world."),
        "onset": Column("int64", "Week in which the harm begins."),
        "cause": Column("category", "Where it was lost as it is; empty if it was not missed.", tuple(CAUSES)),
        "rescued": Column("bool", "Whether it is missed no more; otherwise it is missed only now."),
    },
}
"""Table -> column -> `Column`."""


@dataclass(eq=False, repr=False)
class Attribution:
    """Three readings of what one scenario misses, over one seed or several.

    Shares are of the missed spells of harm, 0 to 1, not a number where nothing was missed.
    """

    scenario: str
    """Name of the scenario."""
    seeds: tuple[int, ...]
    """The seeds of the worlds."""
    orders: int
    """Orders of making stages perfect that the Shapley shares are averaged over; 720 if they are exact."""
    table: pd.DataFrame
    """One row a stage: the three readings, means over seeds; columns as in `ATTRIBUTION_TABLES`."""
    by_seed: pd.DataFrame
    """One row a seed and stage: the three readings."""
    runs: pd.DataFrame
    """One row a seed and set of perfect stages that was run."""
    children: pd.DataFrame
    """One row a seed, stage and spell that turns when this stage alone is perfect: rescued, or newly missed."""
    provenance: dict[str, Any]
    """Versions, hashes, platform and time, as in a run's `provenance.json`."""

    def __post_init__(self) -> None:
        for name in ATTRIBUTION_TABLES:
            setattr(self, name, conform(name, getattr(self, name), ATTRIBUTION_TABLES))

    @property
    def spells(self) -> float:
        """Spells of harm judged, mean over seeds."""
        return float(self._runs_of(AS_IT_IS)["spells"].mean())

    @property
    def missed(self) -> float:
        """Spells of harm missed by the system as it is, mean over seeds."""
        return float(self._runs_of(AS_IT_IS)["missed"].mean())

    @property
    def floor(self) -> float:
        """Share of the missed that stay missed when every stage is perfect, mean over seeds."""
        at_best = self._runs_of(ALL_PERFECT).set_index("seed")["missed"]
        as_it_is = self._runs_of(AS_IT_IS).set_index("seed")["missed"]
        return float((at_best / as_it_is.where(as_it_is > 0)).mean())

    def _runs_of(self, perfect: str) -> pd.DataFrame:
        return self.runs[self.runs["perfect"] == perfect]

    def sentences(self) -> list[str]:
        """What the three readings say, in plain words."""
        from cpsim.results.attribution_printed import sentences

        return sentences(self)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write `attribution.json` into a folder that exists, and return its path.

        Raises:
            OutputError: it cannot be written.
        """
        path = Path(folder) / FILE
        frames = {name: getattr(self, name).to_dict("split", index=False) for name in ATTRIBUTION_TABLES}
        about = {
            "scenario": self.scenario,
            "seeds": list(self.seeds),
            "orders": self.orders,
            "provenance": self.provenance,
        }
        try:
            path.write_text(
                json.dumps(_without_gaps(about | frames), ensure_ascii=False, allow_nan=False) + "\n",
                encoding="utf-8",
                newline="\n",
            )
        except OSError as error:
            raise OutputError(f"{path}: {error.strerror}") from error
        return path

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Self:
        """Read `attribution.json` from a run's folder.

        Raises:
            OutputError: it is missing or is not what `save` writes.
        """
        path = Path(folder) / FILE
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            frames = {name: pd.DataFrame(**data[name]) for name in ATTRIBUTION_TABLES}
            return cls(
                scenario=data["scenario"],
                seeds=tuple(data["seeds"]),
                orders=data["orders"],
                provenance=data["provenance"],
                **frames,
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OutputError(f"{path}: not an attribution ({error})") from error

    def __repr__(self) -> str:
        return (
            f"<Attribution {self.scenario}, seeds {', '.join(map(str, self.seeds))}: {len(self.runs)} runs>"
        )

    def __rich__(self) -> Group:
        from cpsim.results.attribution_printed import printed

        return printed(self)

    def _repr_html_(self) -> str:
        from cpsim.results.html import attribution_html

        return attribution_html(self)

    def __str__(self) -> str:
        return as_text(self)


def _without_gaps(value: Any) -> Any:
    """Plain values as JSON knows them: null for what is not a number."""
    if isinstance(value, Mapping):
        return {key: _without_gaps(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_gaps(inner) for inner in value]
    return None if isinstance(value, float) and math.isnan(value) else value
