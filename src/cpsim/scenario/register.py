"""The register of parameters: the one home of every number that the model uses.

`parameters.csv` beside this file holds a row for each parameter with its meaning, unit, default, plausible range,
neutral value, tag (measured, derived or guess) and source. The schema takes its defaults, sentences and limits from
here, so the register cannot drift from the program.
"""

import csv
import io
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import Field

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
"""The smallest and largest value that makes sense in each unit; beyond them a number is refused as absurd."""


@dataclass(frozen=True)
class Parameter:
    """One row of the register.

    `low` and `high` are the plausible range, over which sweeps should go; `neutral` is the value that switches the
    mechanism off (None where it cannot be), which may be infinite.
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


def _number(text: str) -> float:
    """Whole numbers stay whole, so that counts are counts in the resolved scenario."""
    value = float(text)
    return int(value) if text.lstrip("-").isdigit() else value


@cache
def register() -> dict[str, Parameter]:
    """Read the register: parameter id -> `Parameter`, in the order of the file."""
    text = (files("cpsim.scenario") / "parameters.csv").read_text(encoding="utf-8")
    rows = [
        Parameter(
            id=row["id"],
            mechanism=row["mechanism"],
            symbol=row["symbol"],
            meaning=row["meaning"],
            unit=row["unit"],
            default=_number(row["default"]),
            low=_number(row["low"]),
            high=_number(row["high"]),
            neutral=_number(row["neutral"]) if row["neutral"] else None,
            tag=row["tag"],
            source=row["source"],
        )
        for row in csv.DictReader(io.StringIO(text))
    ]
    return {row.id: row for row in rows}


def quantity(parameter_id: str, *, at_least: float | None = None) -> Any:
    """A pydantic field whose default, sentence, unit and limits come from the register.

    `at_least` tightens the unit's lower limit where the model needs it (a median of no weeks has no logarithm).

    Raises:
        KeyError: the register has no such parameter.
    """
    row = register()[parameter_id]
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
