"""Small sweeps, helpers that run them, and substitutes for the work of a worker."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cpsim.experiment.read import Experiment, load_experiment
from cpsim.results.origin import hash_code
from cpsim.sweeps.journal import JOURNAL
from cpsim.sweeps.loaded import load_sweep
from cpsim.sweeps.sweep import Pace
from cpsim.sweeps.tasks import ResultRow, SweepTask, TaskAnswer, run_sweep_task

SMALL = """\
base: small
arms:
  as_it_was: {population: {children: 200}, clock: {warm_up_years: 1}}
  bound:
    population: {children: 200}
    clock: {warm_up_years: 1}
    timeline: [{date: 2005-10-03, lever: duty, kinds: [school, gp], bound: true}]
vary: {network.trust_start: [0.2, 0.6]}
seeds: 3
years: 1
outcomes: [missed_risk_rate, assessed_neither_per_10k_year, utilisation_mean, chain_stopped_at.C3]
"""
RUNS = 2 * 2 * 3
MANY_POINTS = [thousandths / 1000 for thousandths in range(200, 600)]
LONG = SMALL.replace("seeds: 3", "seeds: 5").replace("[0.2, 0.6]", str(MANY_POINTS))
"""A sweep of 4,000 runs, of which the first ones end soon, because few seeds of a point are simulated together."""
AT_ONCE = Pace(rows=1)


def write_experiment(folder: Path, text: str = SMALL) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / "small.yaml"
    file.write_text(text, "utf-8")
    return file


@cache
def read_experiment(text: str = SMALL) -> Experiment:
    """Read an experiment that needs no other files, once for all sweeps of it."""
    with TemporaryDirectory() as folder:
        return load_experiment(write_experiment(Path(folder), text))


def read_results(folder: Path) -> bytes:
    """Read the results of all runs as CSV, in the order in which they are loaded."""
    return load_sweep(folder).to_csv(index=False).encode()


Send = Callable[[TaskAnswer], None]


def make_rows(task: SweepTask, send: Send) -> TaskAnswer:
    """Make artificial rows, always the same for the same run."""
    rows = (
        ResultRow(
            run.run_id,
            {name: int(run.run_id, 16) / 7 ** len(name) % 1 for name in task.outcomes},
            scenario_hash="x",
        )
        for run in task.runs
    )
    answer = TaskAnswer(tuple(rows), hash_code(), "no worker", "no libraries")
    send(answer)
    return answer


def run_and_kill_one(task: SweepTask, send: Send) -> TaskAnswer:
    """Do the real work, except that the worker of one run is killed every time."""
    if any(
        run.arm == "bound" and run.values["network.trust_start"] == 0.6 and run.seed == 2 for run in task.runs
    ):
        os.kill(os.getpid(), signal.SIGKILL)
    return run_sweep_task(task, send)


def start_sweep(file: Path, out: Path, *options: str) -> "subprocess.Popen[str]":
    """Start `cpsim sweep` in a new process group, as in a separate terminal."""
    script = "from cpsim.cli import main; main()"
    arguments = [sys.executable, "-c", script, "sweep", str(file), "--out", str(out), *options]
    return subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def count_parts(out: Path) -> int:
    """Count the parts; a sweep that has just been started has none."""
    return len(list((out / "parts").glob("[0-9]*.parquet")))


def has_saved_runs(out: Path) -> bool:
    """Whether the outcomes of any run are saved, in the journal or in a part."""
    return (out / JOURNAL).exists() or count_parts(out) > 0
