"""The register of parameters, which defines every number that the model uses.

`parameters.csv`, next to this file, has a row for each parameter with its meaning, unit, default, plausible range,
neutral value, tag and source. It names the evidence (`evidence.csv`) and the entries of the bibliography
(`bibliography.json`) from which the number comes. The schema takes its defaults, descriptions and limits from the
register, so the two always agree.
"""

import csv
import io
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

UNITS: dict[str, tuple[float, float]] = {
    "authorities": (1, 150),
    "children": (1, 1_000_000),
    "contacts_per_week": (0, 20),
    "correlation": (0, 1),
    "deciles": (0, 9),
    "exponent": (0, 10),
    "gbp": (0, 1_000_000),
    "hours": (0, 1_000),
    "hours_per_week": (0, 100),
    "log_odds": (-20, 20),
    "log_per_decile": (-2, 2),
    "log_per_unit": (0, 20),
    "log_ratio": (0, 5),
    "multiplier": (0, 100),
    "multiplier_minus_1": (0, 100),
    "odds_ratio": (0, 1),
    "per_10k": (0.001, 1_000),
    "per_10k_year": (0, 500),
    "per_event": (0, 1),
    "per_unit_overload": (0, 20),
    "per_week": (0, 1),
    "per_year": (0, 5),
    "phases": (1, 20),
    "probability": (0, 1),
    "ratio": (0.01, 10),
    "sd": (0, 10),
    "sd_log": (0, 5),
    "severity": (0, 20),
    "severity_per_log_odds": (0, 5),
    "shape": (0.01, 1_000),
    "share": (0, 1),
    "share_change": (-1, 1),
    "spans": (1, 20),
    "teams": (1, 1_000),
    "trust_0_1": (0, 1),
    "weeks": (0, 2_000),
    "working_days": (0, 400),
    "years": (0, 100),
    "z_units": (-10, 10),
}
"""The smallest and the largest value that is accepted in each unit."""

TAGS: dict[str, str] = {
    "measured": "given in a source as a number for England, or for the nearest population",
    "derived": "computed from numbers given in sources",
    "choice": "set by definition, or by what a scenario asks; no source could give it",
    "guess": "set by judgement, or tuned until the model met national statistics; no source gives it",
}
"""Where the default of a parameter comes from: tag -> meaning."""


@dataclass(frozen=True)
class Parameter:
    """One row of the register.

    Attributes:
        id: path of the setting, such as `sharing.share_noise`.
        mechanism: number of the equation that uses it, such as "M5"; empty if there is none.
        symbol: its symbol in the equations; empty if there is none.
        meaning: what it is, as a phrase.
        unit: a key of `UNITS`.
        default: value unless a scenario sets another.
        low: lower end of the plausible range, which sweeps should cover.
        high: upper end of the plausible range; may be infinite.
        neutral: value that switches the mechanism off, which may be infinite; None if there is no such value.
        tag: a key of `TAGS`.
        source: where the value comes from.
        source_low: smallest value that the source gives for this very quantity, in this unit; None if it gives none.
        source_high: largest such value.
        evidence: ids of the figures that the value rests on.
        entries: keys of the publications that the value rests on.
        at_end: why the default is at an end of its plausible range; empty if no reason is known, or if it is not.
    """

    id: str
    mechanism: str
    symbol: str
    meaning: str
    unit: str
    default: float
    low: float
    high: float
    neutral: float | None
    tag: str
    source: str
    source_low: float | None
    source_high: float | None
    evidence: tuple[str, ...]
    entries: tuple[str, ...]
    at_end: str


def _parse_number(text: str) -> float:
    """Parse a number; whole numbers become integers, so that counts are counts in the resolved scenario."""
    value = float(text)
    return int(value) if text.lstrip("-").isdigit() else value


def _parse_optional(text: str) -> float | None:
    return _parse_number(text) if text else None


@cache
def load_register() -> dict[str, Parameter]:
    """Load the register: parameter id -> `Parameter`, in the order of the file.

    >>> parameter = load_register()["clock.years"]
    >>> parameter.unit, parameter.default
    ('years', 5)
    """
    text = Path(__file__).with_name("parameters.csv").read_text(encoding="utf-8")
    rows = [
        Parameter(
            id=row["id"],
            mechanism=row["mechanism"],
            symbol=row["symbol"],
            meaning=row["meaning"],
            unit=row["unit"],
            default=_parse_number(row["default"]),
            low=_parse_number(row["low"]),
            high=_parse_number(row["high"]),
            neutral=_parse_optional(row["neutral"]),
            tag=row["tag"],
            source=row["source"],
            source_low=_parse_optional(row["source_low"]),
            source_high=_parse_optional(row["source_high"]),
            evidence=tuple(row["evidence"].split()),
            entries=tuple(row["entry"].split()),
            at_end=row["at_end"],
        )
        for row in csv.DictReader(io.StringIO(text))
    ]
    return {row.id: row for row in rows}


def quantity(parameter_id: str, *, at_least: float | None = None) -> Any:
    """Define a pydantic field whose default, description, unit and limits come from the register.

    Args:
        parameter_id: id of a parameter in the register.
        at_least: lower limit, where the model needs a stricter one than the unit has (the logarithm of a median of
            0 weeks does not exist).

    Raises:
        KeyError: the register has no such parameter.
    """
    from pydantic import Field

    row = load_register()[parameter_id]
    lowest, highest = UNITS[row.unit]
    extra: dict[str, Any] = {
        "unit": row.unit,
        "plausible": [value for value in (row.low, row.high) if math.isfinite(value)],
        "tag": row.tag,
        "source": row.source,
        "register": row.id,
    }
    return Field(
        default=row.default,
        ge=lowest if at_least is None else at_least,
        le=highest,
        description=f"{row.meaning} [{row.unit}]",
        json_schema_extra=extra,
    )
