"""The history of one small authority, kept as numbers that every machine and every Python must give.

Whole numbers are kept as they are; of real numbers only eight digits, since libraries may differ in the last ones.
After a change that is meant to change histories, write it anew: `python -m tests.model.golden`.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
from tests.model.authority import TABLES, run_of, scenario

from cpsim.results import RunResult
from cpsim.scenario.read import load, to_yaml
from cpsim.scenario.schema import Scenario

HERE = Path(__file__).parent
SCENARIO, HISTORY = HERE / "golden.yaml", HERE / "golden.json"
SEED = 2005


def frozen() -> Scenario:
    """Every setting is written out, so that a new calibration does not change this history."""
    return load(str(SCENARIO))


def digest(frame: pd.DataFrame) -> str:
    """One hash over whole numbers, dates and words; -1 stands for a week that never came."""
    whole = frame.select_dtypes(exclude="floating").copy()
    for column in whole:
        if str(whole[column].dtype) == "Int32":
            whole[column] = whole[column].fillna(-1_000_000).astype("int64")
    return hashlib.sha256(whole.to_csv(index=False, lineterminator="\n").encode()).hexdigest()


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {part: _short(number) for part, number in value.items()}
    return None if value is None else float(f"{value:.8g}")


def history(result: RunResult) -> dict[str, Any]:
    """What is kept of a run: counts to read, hashes to be exact, figures to eight digits."""
    counted = result.weekly.select_dtypes("integer").drop(columns="week").sum()
    return {
        "weekly": {name: int(number) for name, number in counted.items()},
        "events": _counts(result.events["stage"]),
        "results": _counts(result.spells["result_13w"]),
        "digests": {name: digest(getattr(result, name)) for name in TABLES},
        "summary": _short(result.summary),
    }


def _counts(words: pd.Series) -> dict[str, int]:
    return {str(word): int(number) for word, number in words.value_counts().sort_index().items()}


def main() -> None:
    if not SCENARIO.exists():
        SCENARIO.write_text(to_yaml(scenario()), encoding="utf-8")
    HISTORY.write_text(json.dumps(history(run_of(frozen(), SEED)), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
