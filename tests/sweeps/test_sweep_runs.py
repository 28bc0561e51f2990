"""A sweep gives each run the outcomes of a separate run, with any workers and after any interruption."""

import multiprocessing
import os
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.sweeps.sweeps import (
    AT_ONCE,
    RUNS,
    read_results,
    run_and_kill_one,
    write_experiment,
)

from cpsim.experiment import outcomes
from cpsim.experiment.read import load_experiment
from cpsim.experiment.runs import build_run_scenario, build_run_table
from cpsim.parallel.engine import EngineError, open_in_process_engine, open_local_engine
from cpsim.parallel.worlds import WorldCache
from cpsim.simulation import run
from cpsim.sweeps.loaded import load_provenance, load_sweep
from cpsim.sweeps.sweep import SweepProgress, sweep
from cpsim.system import ChildProtectionSystem
from cpsim.world import world


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small sweep, run in one process without interruption."""
    folder = tmp_path_factory.mktemp("undisturbed")
    sweep(write_experiment(folder), folder / "out", open_in_process_engine())
    return folder / "out"


def test_every_run_has_the_outcomes_of_a_separate_run(undisturbed: Path) -> None:
    experiment = load_experiment(undisturbed.parent / "small.yaml")
    swept = load_sweep(undisturbed)
    assert len(swept) == RUNS
    for row in swept.itertuples(index=False):
        separate = run(build_run_scenario(experiment, row.arm, row.point), row.seed)
        of_row = swept[swept["run_id"] == row.run_id].iloc[0]
        for name in experiment.definition.outcomes:
            assert of_row[name] == pytest.approx(
                outcomes.read_outcome(separate.summary, name), rel=0, abs=0, nan_ok=True
            )
        assert row.scenario_hash == separate.provenance["scenario_sha256"]


def test_a_sweep_is_loaded_in_the_order_of_its_runs_with_the_varied_settings(undisturbed: Path) -> None:
    swept = load_sweep(undisturbed)
    experiment = load_experiment(undisturbed.parent / "small.yaml")
    names = ["run_id", "arm", "point", "seed"]
    pd.testing.assert_frame_equal(swept[names], build_run_table(experiment)[names])
    assert swept["network.trust_start"].tolist() == [0.2] * 3 + [0.6] * 3 + [0.2] * 3 + [0.6] * 3
    assert swept["arm"].cat.categories.tolist() == ["as_it_was", "bound"]
    assert set(swept["status"]) == {"done"}
    assert swept[["stage", "error"]].isna().all(axis=None)
    assert load_provenance(undisturbed)["run_id"].tolist() == swept["run_id"].tolist()
    assert (load_provenance(undisturbed)["seconds"] > 0).all()


@pytest.mark.parametrize("workers", [1, 2])
def test_the_number_of_workers_does_not_change_the_results(
    undisturbed: Path, tmp_path: Path, workers: int
) -> None:
    done = sweep(write_experiment(tmp_path), tmp_path / "out", open_local_engine(workers), pace=AT_ONCE)
    assert (done.done, done.failed, done.complete) == (RUNS, 0, True)
    assert read_results(tmp_path / "out") == read_results(undisturbed)


def test_workers_that_are_killed_are_replaced_and_nothing_is_lost(undisturbed: Path, tmp_path: Path) -> None:
    moments = iter(sorted(random.uniform(0, 6) for _ in range(3)))
    next_kill = [next(moments)]

    def kill(progress: SweepProgress) -> None:
        if progress.seconds > next_kill[0] and (workers := multiprocessing.active_children()):
            random.choice(workers).kill()
            next_kill[0] = next(moments, 1e9)

    done = sweep(write_experiment(tmp_path), tmp_path / "out", open_local_engine(2), on_progress=kill)
    assert (done.complete, done.failed) == (True, 0)
    assert read_results(tmp_path / "out") == read_results(undisturbed)


def test_runs_of_one_seed_share_a_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def record_draw(scenario: Any, seed: int) -> Any:
        drawn.append(seed)
        return world.draw_world(scenario, seed)

    monkeypatch.setattr("cpsim.parallel.worlds.draw_world", record_draw)
    monkeypatch.setattr("cpsim.sweeps.tasks._WORLDS", WorldCache())
    sweep(write_experiment(tmp_path), tmp_path / "out", open_in_process_engine())
    assert drawn == [1, 2, 3]


def fail_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every run without a duty fail in week 60 if trust starts at 0.6."""
    step = ChildProtectionSystem.step

    def fail(model: ChildProtectionSystem) -> None:
        if model.week == 60 and model.settings.network.trust_start == 0.6 and not model.settings.timeline:
            raise ZeroDivisionError("no child is left")
        step(model)

    monkeypatch.setattr(ChildProtectionSystem, "step", fail)


def test_a_failed_run_is_a_row_with_the_scenario_that_reproduces_the_error(
    undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_late(monkeypatch)
    out = tmp_path / "out"
    done = sweep(write_experiment(tmp_path), out, open_in_process_engine())
    assert (done.complete, done.failed) == (True, 3)
    swept, sound = load_sweep(out), load_sweep(undisturbed)
    fails = (swept["arm"] == "as_it_was") & (swept["network.trust_start"] == 0.6)
    assert set(swept.loc[fails, "stage"]) == {"week 60"}
    assert set(swept.loc[fails, "error"]) == {"ZeroDivisionError: no child is left"}
    assert swept.loc[fails, "missed_risk_rate"].isna().all()
    assert swept.loc[fails, "scenario_hash"].equals(sound.loc[fails, "scenario_hash"])
    pd.testing.assert_frame_equal(swept[~fails], sound[~fails])
    (scenario, *_) = load_provenance(out)["scenario"][fails]
    (trace, *_) = load_provenance(out)["trace"][fails]
    assert "in fail" in trace
    (tmp_path / "again.yaml").write_text(scenario, "utf-8")
    with pytest.raises(ZeroDivisionError):
        run(tmp_path / "again.yaml", 1)


TEMPORARY_DUTY = """\
base: small
arms:
  for_a_while:
    population: {children: 200}
    clock: {warm_up_years: 1}
    timeline:
      - {date: 2005-10-03, until: 2006-03-06, lever: duty, kinds: [school, gp], bound: true}
vary:
  timeline[0].date: ["2005-10-03", "2006-02-06"]
  timeline[0].until: ["2006-03-06", "2005-12-05"]
years: 1
"""


def test_a_point_that_is_no_valid_scenario_is_a_failed_row(tmp_path: Path) -> None:
    done = sweep(write_experiment(tmp_path, TEMPORARY_DUTY), tmp_path / "out", open_in_process_engine())
    assert (done.complete, done.failed) == (True, 1)
    *_, row = load_sweep(tmp_path / "out").itertuples()
    assert (row.stage, row.point) == ("settings", 3)
    assert "2005-12-05 is not in a later week than its first day" in row.error


def test_only_the_run_that_kills_its_workers_is_given_up(
    undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cpsim.sweeps.sweep.run_sweep_task", run_and_kill_one)
    done = sweep(write_experiment(tmp_path), tmp_path / "out", open_local_engine(2))
    assert (done.complete, done.failed) == (True, 1)
    swept, sound = load_sweep(tmp_path / "out"), load_sweep(undisturbed)
    (row,) = swept[swept["status"] == "failed"].itertuples()
    assert (row.arm, row.point, row.seed, row.stage) == ("bound", 1, 2, "worker")
    assert row.error == "the worker died 3 times in this run"
    pd.testing.assert_frame_equal(swept.drop(row.Index), sound.drop(row.Index))


def test_workers_that_cannot_start_are_an_error_of_the_engine_and_not_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cpsim.parallel.engine._serve", os._exit)
    with pytest.raises(EngineError, match="end before they start to work"):
        sweep(write_experiment(tmp_path), tmp_path / "out", open_local_engine(1))
    assert load_sweep(tmp_path / "out").empty
