"""The ratio of engine and textbook twin compares the times of the same work."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from cpsim.bench import against_twin
from cpsim.bench.against_twin import (
    HistoriesDifferError,
    TimedPair,
    TwinComparison,
    TwinMissingError,
    compare_speed,
    load_docking,
)
from cpsim.bench.measure import resize_baseline
from cpsim.casework.state import Casework
from cpsim.scenario.problems import ScenarioError

SIZES = (400, 800)
REPEATS = 2


def tiny(children: int) -> dict[str, Any]:
    return resize_baseline(children, years=1, warm_up_years=0)


@pytest.fixture(scope="module")
def reports() -> list[tuple[int, int, str]]:
    """The stages reported during the comparison."""
    return []


@pytest.fixture(scope="module")
def compared(reports: list[tuple[int, int, str]]) -> TwinComparison:
    return compare_speed(
        [tiny(children) for children in SIZES],
        repeats=REPEATS,
        on_stage=lambda *stage: reports.append(stage),
    )


@pytest.fixture
def docking_with(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Replace a part of the docking module."""

    def install(**parts: Any) -> None:
        changed = SimpleNamespace(**{**vars(load_docking()), **parts})
        monkeypatch.setattr(against_twin, "load_docking", lambda: changed)

    return install


def test_each_size_is_measured_in_every_repeat(compared: TwinComparison) -> None:
    assert [size.children for size in compared.sizes] == list(SIZES)
    assert all(len(size.pairs) == REPEATS for size in compared.sizes)
    assert all(min(pair.world, pair.engine, pair.twin) > 0 for size in compared.sizes for pair in size.pairs)


def test_every_repeat_compares_the_same_events_and_a_larger_authority_has_more(
    compared: TwinComparison,
) -> None:
    small, large = ({pair.occurrences for pair in size.pairs} for size in compared.sizes)
    assert len(small) == len(large) == 1
    assert 100 < small.pop() < large.pop()


def test_engine_and_twin_are_timed_alternately(
    compared: TwinComparison, reports: list[tuple[int, int, str]]
) -> None:
    assert [done for done, _, _ in reports] == list(range(reports[0][1])), "all stages are reported, in order"
    turns = [f"{n} children: {stage}" for n in SIZES for stage in ("world", "engine", "twin", "comparison")]
    assert [name for _, _, name in reports][1:] == turns * REPEATS


def test_the_time_to_draw_the_world_counts_only_in_the_ratio_with_world() -> None:
    pair = TimedPair(world=1.0, engine=2.0, twin=100.0, occurrences=7)
    assert pair.ratio == 50
    assert pair.ratio_with_world == pytest.approx(101 / 3)


def test_the_json_has_the_ratio_of_the_largest_size_with_its_spread(compared: TwinComparison) -> None:
    values: dict[str, Any] = json.loads(json.dumps(compared.to_dict(), allow_nan=False))
    ratios = compared.sizes[1].list_values("ratio")
    assert values["twin_ratio"] == median(ratios)
    assert [values["twin_ratio_low"], values["twin_ratio_high"]] == sorted(ratios)
    assert [(size["children"], size["weeks"]) for size in values["sizes"]] == [(n, 2 * 52) for n in SIZES]
    assert {"engine_seconds", "twin_seconds", "ratio"} <= values["sizes"][0].keys()
    assert {"seed", "repeats", "cores", "versions"} <= values.keys()


def test_no_times_are_reported_if_the_events_differ(docking_with: Callable[..., None]) -> None:
    read_history = load_docking().read_history
    docking_with(read_history=lambda engine: read_history(engine)[1:])
    with pytest.raises(HistoriesDifferError, match="histories of child"):
        compare_speed([tiny(400)], repeats=1)


def test_the_final_states_are_compared_too(docking_with: Callable[..., None]) -> None:
    compare = load_docking().compare

    def compare_changed_engine(engine: Any, twin: Any) -> None:
        state: Casework = engine.casework
        state.files.evidence[0] += 1
        compare(engine, twin)

    docking_with(compare=compare_changed_engine)
    with pytest.raises(HistoriesDifferError, match="evidence"):
        compare_speed([tiny(400)], repeats=1)


def test_a_scenario_with_errors_is_refused_before_the_twin_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(against_twin, "load_docking", lambda: pytest.fail("too late"))
    with pytest.raises(ScenarioError, match=r"population\.children"):
        compare_speed([tiny(400), tiny(5)])


def test_an_installed_package_has_no_twin(tmp_path: Path) -> None:
    with pytest.raises(
        TwinMissingError, match="does not contain the textbook twin; run this in a copy of the repository"
    ):
        load_docking(tmp_path / "tests")


@pytest.mark.parametrize("other_package", [None, SimpleNamespace()])
def test_loading_the_twin_changes_neither_the_import_path_nor_another_package_called_tests(
    other_package: Any, tmp_path: Path
) -> None:
    (tmp_path / "twin").mkdir()
    (tmp_path / "twin" / "docking.py").write_text("HERE = 'found'\n", "utf-8")
    path = list(sys.path)
    with patch.dict(sys.modules):
        for name in [name for name in sys.modules if name.split(".")[0] == "tests"]:
            del sys.modules[name]
        if other_package is not None:
            sys.modules["tests"] = other_package
        docking: Any = load_docking(tmp_path)
        assert docking.HERE == "found"
        assert sys.path == path
        assert sys.modules.get("tests") is other_package
