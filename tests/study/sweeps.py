"""Small sweeps, ways to run them, and stand-ins for workers."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from cpsim.results.run_result import code_sha256
from cpsim.study.loaded import load_sweep
from cpsim.study.sweep import Pace
from cpsim.study.work import Answer, Row, Task, work

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
outcomes: [missed_risk_rate, false_alarm_families_per_10k_year, utilisation_mean, missed_by_cause.C3]
"""
RUNS = 2 * 2 * 3
AT_ONCE = Pace(rows=1)


def written(folder: Path, text: str = SMALL) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / "small.yaml"
    file.write_text(text, "utf-8")
    return file


def table(folder: Path) -> bytes:
    """All that is known of the runs, to the last digit, in the order in which it is loaded."""
    return load_sweep(folder).to_csv(index=False).encode()


def invented(task: Task) -> Answer:
    """Rows out of nothing, the same for the same run."""
    rows = (
        Row(
            run.run_id,
            {name: int(run.run_id, 16) / 7 ** len(name) for name in task.outcomes},
            scenario_hash="x",
        )
        for run in task.runs
    )
    return Answer(tuple(rows), code_sha256(), "nobody", "nothing")


def deadly(task: Task) -> Answer:
    """Real work, except that the worker of one run is killed every time."""
    if (
        any(run.arm == "bound" and run.values["network.trust_start"] == 0.6 for run in task.runs)
        and task.seed == 2
    ):
        os.kill(os.getpid(), signal.SIGKILL)
    return work(task)


def command(file: Path, out: Path, *options: str) -> "subprocess.Popen[str]":
    """`cpsim sweep` in a process group of its own, as in a terminal of its own."""
    script = "from cpsim.cli import main; main()"
    arguments = [sys.executable, "-c", script, "sweep", str(file), "--out", str(out), *options]
    return subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def saved(out: Path) -> int:
    """How many parts there are; a sweep that is just being begun has none."""
    return len(list((out / "parts").glob("[0-9]*.parquet")))
