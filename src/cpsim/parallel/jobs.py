"""Workers as jobs of a SLURM cluster, or of another system that dask-jobqueue knows.

A job has a time limit. Its worker leaves in good time before the limit, so that no run is lost, and another job is
submitted in its place while there is work. How the jobs are submitted (queue, account, memory, network interface) is
configured as dask-jobqueue documents it, in `~/.config/dask/jobqueue.yaml`.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from cpsim.parallel.engine import Engine, EngineError, open_dask_engine

_MEMORY = "2GB"
_LIFETIME, _STAGGER = 0.9, 0.05
"""A worker leaves after this share of the time limit, more or less by the second, so that not all leave at once."""
_TARGET_SECONDS = 0.1
"""Dask submits jobs until the tasks under way would be finished in this time. Only a few tasks are under way for each
job, so a longer time would keep it from submitting all jobs."""


@contextmanager
def open_job_engine(
    jobs: int, limit: timedelta, patience: float, cluster_class: Any = None
) -> Iterator[Engine]:
    """Submit jobs with one worker each, replace those that end, and cancel them on exit.

    Args:
        jobs: largest number of jobs at once, at least 1.
        limit: time limit of a job, much longer than a run.
        patience: seconds without any worker after which the engine fails; jobs may have to wait in the queue.
        cluster_class: the class of dask-jobqueue for the system, such as `PBSCluster`; `SLURMCluster` if None.

    Raises:
        EngineError: dask-jobqueue is not installed, or the first job cannot be submitted.

    This needs a cluster, so it is not run with the other examples; `tests/sweeps/test_sweep_slurm.py` imitates one:

    >>> with open_job_engine(100, timedelta(hours=4), patience=3600) as engine:  # doctest: +SKIP
    ...     engine.executor.submit(max, 2, 3).result()
    3
    """
    try:
        import dask
        from dask_jobqueue.slurm import SLURMCluster
    except ImportError as error:
        raise EngineError(
            "dask-jobqueue is not installed; install it with: pip install 'cpsim[cluster]'"
        ) from error
    cluster_class = cluster_class or SLURMCluster
    job = cluster_class.job_cls
    if job.submit_command and shutil.which(program := job.submit_command.split()[0]) is None:
        raise EngineError(f"there is no command {program}; run the sweep on a machine that can submit jobs")

    def read_configuration(name: str, default: Any) -> Any:
        return dask.config.get(f"jobqueue.{job.config_name}.{name}", None) or default

    lifetimes = [f"--lifetime={_LIFETIME * limit / timedelta(seconds=1):.0f}s"]
    lifetimes += [f"--lifetime-stagger={_STAGGER * limit / timedelta(seconds=1):.0f}s"]
    cluster = cluster_class(
        cores=1,
        processes=1,
        memory=read_configuration("memory", _MEMORY),
        walltime=_format_limit(limit),
        worker_extra_args=[*read_configuration("worker-extra-args", []), *lifetimes],
        # Without a dashboard, which would show the sweep to everyone on the network.
        scheduler_options={
            **read_configuration("scheduler-options", {}),
            "dashboard": False,
            "dashboard_address": "127.0.0.1:0",
        },
    )
    try:
        _submit_first_job(cluster)
        cluster.adapt(minimum_jobs=1, maximum_jobs=jobs, target_duration=f"{_TARGET_SECONDS}s")
        with open_dask_engine(cluster.scheduler_address, patience=patience, jobs=jobs) as engine:
            yield engine
    finally:
        _close(cluster)


def _submit_first_job(cluster: Any) -> None:
    """Submit one job and wait until it is accepted; Dask would only log the error of a later one."""

    async def submit() -> None:
        cluster.worker_spec.update(cluster.new_worker_spec())
        await cluster

    try:
        cluster.sync(submit)
    except (OSError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise EngineError(f"the job cannot be submitted: {reason}") from error


def _close(cluster: Any) -> None:
    """Cancel all jobs. Dask asserts that each is marked as closing, which dask-jobqueue does not do."""
    from distributed.core import Status

    for job in cluster.workers.values():
        job.status = Status.closing
    cluster.close()


def _format_limit(limit: timedelta) -> str:
    """Format a time limit as hours, minutes and seconds.

    >>> _format_limit(timedelta(days=1, minutes=30))
    '24:30:00'
    """
    minutes, seconds = divmod(round(limit.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}"
