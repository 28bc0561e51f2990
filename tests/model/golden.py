"""The history of one small authority, stored in a file and equal on all machines and versions of Python.

Whole numbers are stored exactly and real numbers to eight digits, because libraries can differ in the last digits.
After an intended change of results, write the file again: `python -m tests.model.golden`.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
from tests.model.authority import TABLES, run_scenario, scenario

from cpsim.results import RunResult
from cpsim.scenario.read import load, to_yaml
from cpsim.scenario.schema import Scenario

HERE = Path(__file__).parent
SCENARIO, HISTORY = HERE / "golden.yaml", HERE / "golden.json"
SEED = 2005


def load_frozen_scenario() -> Scenario:
    """Load a scenario file with all settings, so that a new calibration does not change this history."""
    return load(str(SCENARIO))


def digest(frame: pd.DataFrame) -> str:
    """Return a hash of all columns except real numbers; missing weeks are replaced by a number."""
    whole = frame.select_dtypes(exclude="floating").copy()
    for column in whole:
        if str(whole[column].dtype) == "Int32":
            whole[column] = whole[column].fillna(-1_000_000).astype("int64")
    return hashlib.sha256(whole.to_csv(index=False, lineterminator="\n").encode()).hexdigest()


def _round_to_eight_digits(value: Any) -> Any:
    if isinstance(value, dict):
        return {part: _round_to_eight_digits(number) for part, number in value.items()}
    return None if value is None else float(f"{value:.8g}")


def summarise_history(result: RunResult) -> dict[str, Any]:
    """Return what the file stores of a run: readable counts, exact hashes, and outcomes to eight digits."""
    counted = result.weekly.select_dtypes("integer").drop(columns="week").sum()
    return {
        "weekly": {name: int(number) for name, number in counted.items()},
        "events": _count_values(result.events["stage"]),
        "results": _count_values(result.spells["result_13w"]),
        "digests": {name: digest(getattr(result, name)) for name in TABLES},
        "summary": _round_to_eight_digits(result.summary),
    }


def _count_values(values: pd.Series) -> dict[str, int]:
    return {str(value): int(number) for value, number in values.value_counts().sort_index().items()}


def main() -> None:
    if not SCENARIO.exists():
        SCENARIO.write_text(to_yaml(scenario()), encoding="utf-8")
    HISTORY.write_text(
        json.dumps(summarise_history(run_scenario(load_frozen_scenario(), SEED)), indent=1) + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
