"""The ratio of engine and textbook twin is one of times spent on the same work, and nothing else."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from cpsim.casework.state import Casework
from cpsim.scenario.problems import ScenarioError
from cpsim.study import against_twin
from cpsim.study.against_twin import (
    AgainstTwin,
    NotTheSame,
    NoTwin,
    Pair,
    compare_speed,
    load_docking,
)
from cpsim.study.bench import authority

SIZES = (400, 800)
REPEATS = 2


def tiny(children: int) -> dict[str, Any]:
    return authority(children, years=1, warm_up_years=0)


@pytest.fixture(scope="module")
def told() -> list[tuple[int, int, str]]:
    """What is told while the two are compared."""
    return []


@pytest.fixture(scope="module")
def compared(told: list[tuple[int, int, str]]) -> AgainstTwin:
    return compare_speed(
        [tiny(children) for children in SIZES],
        repeats=REPEATS,
        on_stage=lambda *stage: told.append(stage),
    )


@pytest.fixture
def docking_with(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets a part of the docking be another one."""

    def install(**parts: Any) -> None:
        changed = SimpleNamespace(**{**vars(load_docking()), **parts})
        monkeypatch.setattr(against_twin, "load_docking", lambda: changed)

    return install


def test_each_size_is_lived_as_often_as_asked_for(compared: AgainstTwin) -> None:
    assert [size.children for size in compared.sizes] == list(SIZES)
    assert all(len(size.pairs) == REPEATS for size in compared.sizes)
    assert all(min(pair.world, pair.engine, pair.twin) > 0 for size in compared.sizes for pair in size.pairs)


def test_every_repeat_compares_the_same_happenings_and_a_larger_authority_has_more(
    compared: AgainstTwin,
) -> None:
    small, large = ({pair.happenings for pair in size.pairs} for size in compared.sizes)
    assert len(small) == len(large) == 1
    assert 100 < small.pop() < large.pop()


def test_engine_and_twin_take_turns(compared: AgainstTwin, told: list[tuple[int, int, str]]) -> None:
    assert [done for done, _, _ in told] == list(range(told[0][1])), "all stages are told, in order"
    turns = [f"{n} children: {who}" for n in SIZES for who in ("world", "engine", "twin", "comparing")]
    assert [name for _, _, name in told][1:] == turns * REPEATS


def test_the_ratio_is_that_of_building_and_living_and_the_world_is_told_beside_it() -> None:
    pair = Pair(world=1.0, engine=2.0, twin=100.0, happenings=7)
    assert pair.ratio == 50
    assert pair.ratio_with_world == pytest.approx(101 / 3)


def test_a_script_reads_the_ratio_of_the_largest_size_with_its_spread(compared: AgainstTwin) -> None:
    figures: dict[str, Any] = json.loads(json.dumps(compared.to_dict(), allow_nan=False))
    ratios = compared.sizes[1].of("ratio")
    assert figures["twin_ratio"] == median(ratios)
    assert [figures["twin_ratio_low"], figures["twin_ratio_high"]] == sorted(ratios)
    assert [(size["children"], size["weeks"]) for size in figures["sizes"]] == [(n, 2 * 52) for n in SIZES]
    assert {"engine_seconds", "twin_seconds", "ratio"} <= figures["sizes"][0].keys()
    assert {"seed", "repeats", "cores", "versions"} <= figures.keys()


def test_times_of_two_that_did_not_live_the_same_are_not_told(docking_with: Callable[..., None]) -> None:
    history_of = load_docking().history_of
    docking_with(history_of=lambda engine: history_of(engine)[1:])
    with pytest.raises(NotTheSame, match="histories of child"):
        compare_speed([tiny(400)], repeats=1)


def test_where_two_stand_at_the_end_counts_as_well(docking_with: Callable[..., None]) -> None:
    compare = load_docking().compare

    def after_a_slip(engine: Any, twin: Any) -> None:
        state: Casework = engine.casework
        state.files.evidence[0] += 1
        compare(engine, twin)

    docking_with(compare=after_a_slip)
    with pytest.raises(NotTheSame, match="evidence"):
        compare_speed([tiny(400)], repeats=1)


def test_a_wrong_scenario_is_refused_before_anybody_looks_for_the_twin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(against_twin, "load_docking", lambda: pytest.fail("too late"))
    with pytest.raises(ScenarioError, match=r"population\.children"):
        compare_speed([tiny(400), tiny(5)])


def test_an_installed_package_has_no_twin(tmp_path: Path) -> None:
    with pytest.raises(NoTwin, match="comes with a copy of the repository, not with the installed package"):
        load_docking(tmp_path / "tests")


@pytest.mark.parametrize("somebody_elses", [None, SimpleNamespace()])
def test_loading_the_twin_leaves_the_ways_to_other_modules_as_they_were(
    somebody_elses: Any, tmp_path: Path
) -> None:
    (tmp_path / "twin").mkdir()
    (tmp_path / "twin" / "docking.py").write_text("HERE = 'found'\n", "utf-8")
    path = list(sys.path)
    with patch.dict(sys.modules):
        for name in [name for name in sys.modules if name.split(".")[0] == "tests"]:
            del sys.modules[name]
        if somebody_elses is not None:
            sys.modules["tests"] = somebody_elses
        docking: Any = load_docking(tmp_path)
        assert docking.HERE == "found"
        assert sys.path == path
        assert sys.modules.get("tests") is somebody_elses
