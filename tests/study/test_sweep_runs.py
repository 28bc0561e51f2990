"""What a sweep says of a run is what the run says of itself, whoever did it, with whom, and how often it was begun."""

import multiprocessing
import os
import random
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.study.sweeps import AT_ONCE, RUNS, command, deadly, saved, table, written

from cpsim.model import ChildProtectionModel, run
from cpsim.study import outcomes
from cpsim.study.engine import EngineFailed, here, local
from cpsim.study.experiment import load_experiment
from cpsim.study.loaded import load_provenance, load_sweep
from cpsim.study.runs import scenario_of, table_of_runs
from cpsim.study.sweep import Tally, sweep
from cpsim.study.worlds import Worlds
from cpsim.world import world


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small sweep, run without workers and without anything happening to it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    sweep(written(folder), folder / "out", here())
    return folder / "out"


def test_every_run_has_the_figures_that_it_has_alone(undisturbed: Path) -> None:
    experiment = load_experiment(undisturbed.parent / "small.yaml")
    swept = load_sweep(undisturbed)
    assert len(swept) == RUNS
    for row in swept.itertuples(index=False):
        alone = run(scenario_of(experiment, row.arm, row.point), row.seed)
        of_row = swept[swept["run_id"] == row.run_id].iloc[0]
        for name in experiment.definition.outcomes:
            assert of_row[name] == pytest.approx(
                outcomes.value(alone.summary, name), rel=0, abs=0, nan_ok=True
            )
        assert row.scenario_hash == alone.provenance["scenario_sha256"]


def test_a_sweep_is_loaded_in_the_order_of_its_runs_with_what_varied_beside_them(undisturbed: Path) -> None:
    swept = load_sweep(undisturbed)
    experiment = load_experiment(undisturbed.parent / "small.yaml")
    names = ["run_id", "arm", "point", "seed"]
    pd.testing.assert_frame_equal(swept[names], table_of_runs(experiment)[names])
    assert swept["network.trust_start"].tolist() == [0.2] * 3 + [0.6] * 3 + [0.2] * 3 + [0.6] * 3
    assert swept["arm"].cat.categories.tolist() == ["as_it_was", "bound"]
    assert set(swept["status"]) == {"done"}
    assert swept[["stage", "error"]].isna().all(axis=None)
    assert load_provenance(undisturbed)["run_id"].tolist() == swept["run_id"].tolist()
    assert (load_provenance(undisturbed)["seconds"] > 0).all()


@pytest.mark.parametrize("workers", [1, 2])
def test_the_number_of_workers_changes_no_byte(undisturbed: Path, tmp_path: Path, workers: int) -> None:
    done = sweep(written(tmp_path), tmp_path / "out", local(workers), pace=AT_ONCE)
    assert (done.done, done.failed, done.complete) == (RUNS, 0, True)
    assert table(tmp_path / "out") == table(undisturbed)


def test_workers_that_are_killed_are_replaced_and_nothing_is_lost(undisturbed: Path, tmp_path: Path) -> None:
    moments = iter(sorted(random.uniform(0, 6) for _ in range(3)))
    next_one = [next(moments)]

    def kill(tally: Tally) -> None:
        if tally.seconds > next_one[0] and (workers := multiprocessing.active_children()):
            random.choice(workers).kill()
            next_one[0] = next(moments, 1e9)

    done = sweep(written(tmp_path), tmp_path / "out", local(2), on_progress=kill)
    assert (done.complete, done.failed) == (True, 0)
    assert table(tmp_path / "out") == table(undisturbed)


def test_a_sweep_whose_process_is_killed_goes_on_where_it_was(undisturbed: Path, tmp_path: Path) -> None:
    file, out = written(tmp_path), tmp_path / "out"
    for _ in range(2):
        killed = command(file, out, "--workers", "2")
        before = saved(out)
        while saved(out) == before and killed.poll() is None:
            time.sleep(0.01)
        time.sleep(random.uniform(0, 0.3))
        killed.kill()
        killed.communicate(timeout=10)  # its pipes are closed when its workers are gone as well
    assert sweep(file, out, local(2)).complete
    assert table(out) == table(undisturbed)


def test_runs_of_one_seed_share_a_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def noted(scenario: Any, seed: int) -> Any:
        drawn.append(seed)
        return world.draw_world(scenario, seed)

    monkeypatch.setattr("cpsim.study.worlds.draw_world", noted)
    monkeypatch.setattr("cpsim.study.work._WORLDS", Worlds())
    sweep(written(tmp_path), tmp_path / "out", here())
    assert drawn == [1, 2, 3]


def failing_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """From week 60 on nobody can live where trust starts at 0.6, unless there is a duty."""
    step = ChildProtectionModel.step

    def fail(model: ChildProtectionModel) -> None:
        if model.week == 60 and model.settings.network.trust_start == 0.6 and not model.settings.timeline:
            raise ZeroDivisionError("nobody is left")
        step(model)

    monkeypatch.setattr(ChildProtectionModel, "step", fail)


def test_a_run_that_raises_is_a_row_with_what_is_needed_to_raise_it_again(
    undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_late(monkeypatch)
    out = tmp_path / "out"
    done = sweep(written(tmp_path), out, here())
    assert (done.complete, done.failed) == (True, 3)
    swept, sound = load_sweep(out), load_sweep(undisturbed)
    fails = (swept["arm"] == "as_it_was") & (swept["network.trust_start"] == 0.6)
    assert set(swept.loc[fails, "stage"]) == {"week 60"}
    assert set(swept.loc[fails, "error"]) == {"ZeroDivisionError: nobody is left"}
    assert swept.loc[fails, "missed_risk_rate"].isna().all()
    assert swept.loc[fails, "scenario_hash"].equals(sound.loc[fails, "scenario_hash"])
    pd.testing.assert_frame_equal(swept[~fails], sound[~fails])
    (scenario, *_) = load_provenance(out)["scenario"][fails]
    (trace, *_) = load_provenance(out)["trace"][fails]
    assert "in fail" in trace
    (tmp_path / "again.yaml").write_text(scenario, "utf-8")
    with pytest.raises(ZeroDivisionError):
        run(tmp_path / "again.yaml", 1)


A_DUTY_FOR_A_WHILE = """\
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


def test_values_that_make_no_scenario_together_are_a_row(tmp_path: Path) -> None:
    done = sweep(written(tmp_path, A_DUTY_FOR_A_WHILE), tmp_path / "out", here())
    assert (done.complete, done.failed) == (True, 1)
    *_, row = load_sweep(tmp_path / "out").itertuples()
    assert (row.stage, row.point) == ("settings", 3)
    assert "2005-12-05 is not after its date" in row.error


def test_a_run_that_kills_its_workers_is_given_up_and_the_others_are_not(
    undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cpsim.study.sweep.work", deadly)
    done = sweep(written(tmp_path), tmp_path / "out", local(2))
    assert (done.complete, done.failed) == (True, 1)
    swept, sound = load_sweep(tmp_path / "out"), load_sweep(undisturbed)
    (row,) = swept[swept["status"] == "failed"].itertuples()
    assert (row.arm, row.point, row.seed, row.stage) == ("bound", 1, 2, "worker")
    assert row.error == "the worker died 3 times in this run"
    pd.testing.assert_frame_equal(swept.drop(row.Index), sound.drop(row.Index))


def test_workers_that_cannot_even_start_blame_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cpsim.study.engine._serve", os._exit)
    with pytest.raises(EngineFailed, match="end before they begin"):
        sweep(written(tmp_path), tmp_path / "out", local(1))
    assert load_sweep(tmp_path / "out").empty
