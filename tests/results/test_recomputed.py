"""The values of `summary.json` are those that its definitions give, computed by pandas from the run's folder."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.results.recomputed import FORMULAS, Run

import cpsim
from cpsim.results import SUMMARY

INSPECTED = {"date": "2005-06-06", "lever": "inspection"}
SCENARIOS: dict[str, dict[str, Any]] = {
    "one authority": {
        "extends": "small",
        "population": {"children": 6_000},
        "clock": {"years": 3, "warm_up_years": 6},
    },
    "authorities with inspections": {
        "extends": "small",
        "population": {"children": 900},
        "authorities": {"count": 20, "resources_spread": 0.3, "moves_between": 0.2},
        "clock": {"years": 3, "warm_up_years": 5},
        "timeline": [INSPECTED],
    },
    "the Act of 2004": {
        "extends": "children_act_2004_complete",
        "population": {"children": 5_000, "group_share": 0.3},
        "clock": {"years": 3, "warm_up_years": 6},
        "measures": {"horizon_weeks": 8, "need_cutoff": 0.8},
    },
}


@pytest.fixture(scope="module", params=list(SCENARIOS))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of each scenario."""
    return cpsim.run(SCENARIOS[request.param], seed=5).save(tmp_path_factory.mktemp("recomputed") / "run")


def test_every_name_has_a_formula() -> None:
    assert set(FORMULAS) == set(SUMMARY)


def test_the_values_of_the_summary_can_be_recomputed_with_pandas_alone(folder: Path) -> None:
    summary, run = json.loads((folder / "summary.json").read_text()), Run(folder)
    wrong = {}
    for name, value in summary.items():
        again = FORMULAS[name](run)
        if again != (value if value is None else pytest.approx(value, rel=1e-6, abs=1e-9)):
            wrong[name] = (value, again)
    assert not wrong
