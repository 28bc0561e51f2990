"""The smallest and the largest value of every number in the settings, and a check of a run at them."""

import math
import typing
import warnings
from collections.abc import Iterator
from typing import Any

import annotated_types
import numpy as np
from pydantic import BaseModel
from pydantic.fields import FieldInfo

import cpsim
from cpsim.results import RunResult

Limits = dict[str, tuple[float, float]]

TOWN: dict[str, Any] = {
    "extends": "small",
    "population": {"children": 200},
    "clock": {"years": 1, "warm_up_years": 0},
}
TABLES = ("weekly", "spells", "agencies", "ties", "events", "authorities", "ratings")

SIZES = frozenset(
    "children children_per_area years warm_up_years count onset_per_year under_1 age_1_to_3 age_4_to_10 age_11_to_17 "
    "sites_per_10k_children contact_rise_with_severity assessment_teams long_term_teams assessment_posts_per_10k "
    "long_term_posts_per_10k starts_per_10k_year".split()
)
"""Settings that make the run larger, or the world richer in harm and signs, so that a test would be slow."""


def list_limits(model: type[BaseModel]) -> Limits:
    """List the limits of the numbers that a section or a lever has by itself, without those of its groups."""
    found = {name: _read_limits(field) for name, field in model.model_fields.items()}
    return {name: limits for name, limits in found.items() if limits is not None and name not in SIZES}


def _read_limits(field: FieldInfo) -> tuple[float, float] | None:
    """Return the limits of a number, in its own type; None for anything else."""
    kinds = set(typing.get_args(field.annotation)) or {field.annotation}
    if bool in kinds or not kinds & {int, float}:
        return None
    low = [rule.ge for rule in field.metadata if isinstance(rule, annotated_types.Ge)]
    high = [rule.le for rule in field.metadata if isinstance(rule, annotated_types.Le)]
    number = float if float in kinds else int
    return number(typing.cast(float, low[0])), number(typing.cast(float, high[0]))


def run_carefully(settings: dict[str, Any], seed: int = 3) -> RunResult:
    """Run with every floating-point error but underflow, which gives 0, and every warning raised as an exception."""
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        return cpsim.run(settings, seed)


UNDEFINED = frozenset({"weekly.utilisation", "weekly.trust_mean", "events.value"})
"""Columns whose description says when a value is missing, apart from the weeks of a child's story."""


def find_faulty_numbers(result: RunResult) -> Iterator[str]:
    """Find infinite numbers, and numbers that are missing although they are always defined."""
    for outcome, value in result.summary.items():
        parts = value.values() if isinstance(value, dict) else [value]
        if any(part is not None and not math.isfinite(part) for part in parts):
            yield f"summary.{outcome}"
    for table in TABLES:
        frame = getattr(result, table)
        for column in frame.select_dtypes("number"):
            values = frame[column].to_numpy(dtype=np.float64)
            name = f"{table}.{column}"
            may_be_missing = name in UNDEFINED or (table == "spells" and np.isnan(values).any())
            if np.isinf(values).any() or (np.isnan(values).any() and not may_be_missing):
                yield name
