"""Kill a running sweep at random times, continue it each time, and check that no result is lost or changed.

python tools/kill_sweep.py --times 100 [--workers 2] [--seed 1]

The sweep runs as a command in a session of its own, and the signal (SIGKILL) goes to all its processes. After each kill
the saved runs are compared with a log of the runs that have ended: at most one for each worker may be missing, which
was under way. When a sweep is complete, its tables must equal those of an undisturbed sweep, and no saved run may have
been repeated. Then a new sweep begins, until the sweeps have been killed often enough.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import cpsim.sweeps.sweep
from cpsim.cli import main as run_cpsim
from cpsim.formatting import format_count, pluralise
from cpsim.results.errors import OutputError
from cpsim.sweeps.loaded import load_provenance, load_sweep
from cpsim.sweeps.tasks import SweepTask, TaskAnswer, run_sweep_task

EXPERIMENT = """\
base: small
arms:
  as_it_was: {population: {children: 200}, clock: {warm_up_years: 1}}
  bound:
    population: {children: 200}
    clock: {warm_up_years: 1}
    timeline: [{date: 2005-10-03, lever: duty, kinds: [school, gp], bound: true}]
vary: {network.trust_start: [0.2, 0.6]}
seeds: 40
years: 1
outcomes: [missed_risk_rate, assessed_neither_per_10k_year]
"""


class LostResultError(Exception):
    """A result was lost, changed or computed again without need."""


def run_and_log(log: Path, task: SweepTask, send: Callable[[TaskAnswer], None]) -> TaskAnswer:
    """Run a task in a worker, and log each run that has ended before its row is sent."""

    def log_and_send(answer: TaskAnswer) -> None:
        with log.open("a", encoding="utf-8") as file:
            file.write("".join(f"{row.run_id}\n" for row in answer.rows))
        send(answer)

    return run_sweep_task(task, log_and_send)


@dataclass
class KilledSweep:
    """A sweep that is killed and continued.

    Attributes:
        file: the experiment file.
        out: the folder of the sweep.
        workers: number of worker processes.
        kills: how often it was killed.
        lost: the runs that had ended but were not saved when the sweep was killed, each as often as that happened.
    """

    file: Path
    out: Path
    workers: int
    kills: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    _saved: set[str] = field(default_factory=set)
    _lines_read: int = 0

    @property
    def log(self) -> Path:
        """The file with the identifier of each run that has ended, one on each line."""
        return self.out.with_suffix(".log")

    def run(self, kill_after: float | None = None) -> bool:
        """Run or continue the sweep, and return whether it ended before it was killed.

        Args:
            kill_after: seconds after which it is killed; None if it is not.
        """
        command = [sys.executable, __file__, "--run", str(self.file), str(self.out), str(self.log)]
        running = subprocess.Popen(
            [*command, "--workers", str(self.workers)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        try:
            _, errors = running.communicate(timeout=kill_after)
        except BaseException as error:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()  # until the pipes are closed, so until every process has ended
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            self.kills += 1
            return False
        if running.returncode:
            raise LostResultError(f"the sweep ended with exit code {running.returncode}: {errors}")
        return True

    def check_saved_runs(self) -> None:
        """Check, after a kill, that all runs that have ended are saved, except for one of each worker."""
        saved, log = self._load_saved_runs(), self._read_log()
        lost = [run_id for run_id in log[self._lines_read :] if run_id not in saved]
        if not self._saved <= saved:
            raise LostResultError(f"saved runs were lost: {sorted(self._saved - saved)}")
        if len(lost) > self.workers:
            raise LostResultError(
                f"{format_count(len(lost), 'run')} had ended and {pluralise(len(lost), 'was', 'were')} not saved, "
                f"with {format_count(self.workers, 'worker')}"
            )
        self.lost += Counter(lost)
        self._saved, self._lines_read = saved, len(log)

    def check_results(self, undisturbed: "KilledSweep") -> None:
        """Check that all tables equal those of an undisturbed sweep, and that no saved run was repeated."""
        if not load_sweep(self.out).equals(load_sweep(undisturbed.out)):
            raise LostResultError("the table of results differs from that of an undisturbed sweep")
        for name in ("runs.parquet", "points.parquet", "sweep.json"):
            if (self.out / name).read_bytes() != (undisturbed.out / name).read_bytes():
                raise LostResultError(f"{name} differs from that of an undisturbed sweep")
        if load_provenance(self.out)["run_id"].tolist() != load_sweep(self.out)["run_id"].tolist():
            raise LostResultError("the provenance does not have each run once")
        repeated = Counter(self._read_log()) - Counter(load_sweep(self.out)["run_id"])
        if repeated != self.lost:
            raise LostResultError(f"runs that were saved were repeated: {sorted(repeated - self.lost)}")
        if left := [
            path.name for path in self.out.rglob("*") if ".tmp" in path.name or "journal" in path.name
        ]:
            raise LostResultError(f"files are left: {left}")

    def _read_log(self) -> list[str]:
        return self.log.read_text("utf-8").split() if self.log.exists() else []

    def _load_saved_runs(self) -> set[str]:
        try:
            return set(load_sweep(self.out)["run_id"])
        except OutputError:
            if (self.out / "parts").exists():
                raise
            return set()  # killed before the folder was complete


def kill_sweeps(
    times: int,
    folder: Path,
    workers: int,
    draws: random.Random,
    *,
    seeds: int = 40,
    report: Callable[[str], None] = print,
) -> list[KilledSweep]:
    """Kill sweeps at random times until they have been killed `times` times, and complete each of them.

    Args:
        times: how often to kill.
        folder: an empty folder for the experiment file and the sweeps.
        workers: number of worker processes of each sweep.
        draws: draws the times.
        seeds: number of seeds of the sweep, each with four runs.
        report: called with a line for each sweep.

    Returns:
        The sweeps that were killed and are complete.

    Raises:
        LostResultError: a result was lost, changed or computed again without need.
    """
    file = folder / "experiment.yaml"
    file.write_text(EXPERIMENT.replace("seeds: 40", f"seeds: {seeds}"), "utf-8")
    undisturbed = KilledSweep(file, folder / "undisturbed", workers)
    start = time.monotonic()
    undisturbed.run()
    seconds = time.monotonic() - start
    report(f"undisturbed sweep: {len(load_sweep(undisturbed.out))} runs in {seconds:.1f} seconds")
    sweeps: list[KilledSweep] = []
    while (left := times - sum(sweep.kills for sweep in sweeps)) > 0:
        sweep = KilledSweep(file, folder / f"killed_{len(sweeps) + 1}", workers)
        while not sweep.run(draws.uniform(0, seconds) if sweep.kills < left else None):
            sweep.check_saved_runs()
        sweep.check_results(undisturbed)
        sweeps.append(sweep)
        report(
            f"sweep {len(sweeps)}: {format_count(sweep.kills, 'kill')}; "
            f"{format_count(sweep.lost.total(), 'run')} that had ended repeated; same tables as undisturbed"
        )
    return sweeps


def run_sweep(file: Path, out: Path, log: Path, workers: int) -> None:
    """Run `cpsim sweep`, with a log of the runs that end."""
    cpsim.sweeps.sweep.run_sweep_task = partial(run_and_log, log)  # type: ignore[assignment]
    run_cpsim(["sweep", str(file), "--out", str(out), "--workers", str(workers), "--quiet"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=100, help="how often to kill a sweep")
    parser.add_argument("--workers", type=int, default=2, help="number of worker processes")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random times")
    parser.add_argument("--run", type=Path, nargs=3, metavar=("FILE", "OUT", "LOG"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run_sweep(*options.run, options.workers)
        return
    with TemporaryDirectory() as folder:
        sweeps = kill_sweeps(options.times, Path(folder), options.workers, random.Random(options.seed))
    print(
        f"{sum(sweep.kills for sweep in sweeps)} kills of {len(sweeps)} sweeps: no result was lost or changed; "
        f"{format_count(sum(sweep.lost.total() for sweep in sweeps), 'run')} that had just ended repeated"
    )


if __name__ == "__main__":
    main()
