"""A sweep on SLURM continues when its jobs end; the commands of SLURM are replaced by scripts."""

import os
import signal
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import dask
import pytest
from tests.sweeps.sweeps import RUNS, start_sweep, write_experiment

from cpsim.parallel.engine import EngineError
from cpsim.parallel.jobs import open_job_engine
from cpsim.parallel.tasks import run_tasks

SBATCH = """\
#!/bin/sh
cp "$1" {folder}/$$.sh
setsid sh {folder}/$$.sh >{folder}/$$.log 2>&1 &
touch {folder}/$!.job
echo "Submitted batch job $!"
"""
SCANCEL = """\
#!/bin/sh
kill -- -"$1" 2>/dev/null
"""
DASK = {
    "distributed.deploy.lost-worker-timeout": "100ms",
    "jobqueue.slurm.account": "safeguarding",
    "jobqueue.slurm.scheduler-options": {"host": "127.0.0.1"},
}


@pytest.fixture
def submitted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put `sbatch` and `scancel` on the path that run jobs on this machine; return a folder with the jobs submitted."""
    pytest.importorskip("dask_jobqueue")
    jobs, commands = tmp_path / "jobs", tmp_path / "commands"
    for folder in (jobs, commands):
        folder.mkdir()
    for name, script in (("sbatch", SBATCH.format(folder=jobs)), ("scancel", SCANCEL)):
        (commands / name).write_text(script)
        (commands / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{commands}{os.pathsep}{os.environ['PATH']}")
    for key, value in DASK.items():
        monkeypatch.setenv(f"DASK_{key.upper().replace('.', '__').replace('-', '_')}", str(value))
    return jobs


def test_work_that_outlasts_its_jobs_is_done_by_others(submitted: Path) -> None:
    with dask.config.set(DASK), open_job_engine(1, timedelta(seconds=3), patience=60) as engine:
        run_tasks(time.sleep, [0.1] * 40, engine)
    assert len(list(submitted.glob("*.job"))) > 1


def test_a_job_that_is_killed_at_its_time_limit_is_replaced(tmp_path: Path, submitted: Path) -> None:
    running = start_sweep(write_experiment(tmp_path), tmp_path / "out", "--engine", "slurm", "--jobs", "1")
    while not any("Registered to" in log.read_text() for log in submitted.glob("*.log")):
        assert running.poll() is None
        time.sleep(0.05)
    (first,) = submitted.glob("*.job")
    os.killpg(int(first.stem), signal.SIGKILL)
    output, errors = running.communicate(timeout=240)
    assert running.returncode == 0, errors
    assert "Traceback" not in errors
    saved, following = output.splitlines()
    assert saved == f"{RUNS} of {RUNS} runs are saved in {tmp_path / 'out'}."
    assert following == f"For the answer: cpsim analyse {tmp_path / 'out'}"
    scripts = [script.read_text() for script in submitted.glob("*.sh")]
    assert len(scripts) == 2
    assert all("#SBATCH -A safeguarding" in script for script in scripts)


def test_a_job_that_is_refused_is_an_error(submitted: Path) -> None:
    sbatch = submitted.parent / "commands" / "sbatch"
    sbatch.write_text("#!/bin/sh\necho invalid account >&2\nexit 1\n")
    with (
        dask.config.set(DASK),
        pytest.raises(EngineError, match=r"the job cannot be submitted: .* invalid account"),
    ):
        ExitStack().enter_context(open_job_engine(1, timedelta(hours=4), patience=60))


def test_without_the_commands_of_slurm_it_is_an_error(submitted: Path) -> None:
    (submitted.parent / "commands" / "sbatch").unlink()
    with pytest.raises(EngineError, match="there is no command sbatch; run the sweep on a machine that can"):
        ExitStack().enter_context(open_job_engine(1, timedelta(hours=4), patience=60))
