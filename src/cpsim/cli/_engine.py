"""Options that choose where the runs of a sweep are done, and the engine that they describe."""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cpsim.cli._numbers import WholeNumber
from cpsim.cli._output import InputError, format_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from cpsim.parallel.engine import Engine

_JOBS, _JOB_HOURS = 100, 4
_WAIT_MINUTES = {"dask": 10.0, "slurm": 24 * 60.0}
"""Default time without any worker; jobs may have to wait in the queue for hours."""


class _PositiveNumber(click.FloatRange):
    """A number above 0 and up to `max`, and not `nan`, which compares as neither larger nor smaller."""

    def __init__(self, *, max: float) -> None:  # noqa: A002  the name in click
        super().__init__(min=0, max=max, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value} is not a number.", param, ctx)
        return number


_OPTIONS = (
    click.option(
        "--workers", type=WholeNumber(min=1), metavar="N",
        help="Number of worker processes on this machine.  [default: one per core]",
    ),
    click.option(
        "--engine", "engine", type=click.Choice(["local", "dask", "slurm"]), default="local", show_default=True,
        help="Where to do the runs: in processes on this machine, on a running Dask cluster, or as jobs of SLURM.",
    ),
    click.option(
        "--scheduler", metavar="ADDRESS", help="Address of the Dask cluster, such as tcp://10.0.0.1:8786."
    ),
    click.option(
        "--scheduler-file", type=click.Path(path_type=Path), metavar="FILE",
        help="File with the address of the Dask cluster, as `dask scheduler --scheduler-file` writes it.",
    ),
    click.option(
        "--jobs", type=WholeNumber(min=1), metavar="N",
        help=f"Largest number of SLURM jobs at once, each with one worker.  [default: {_JOBS}]",
    ),
    click.option(
        "--job-hours", type=_PositiveNumber(max=24 * 365), metavar="HOURS",
        help=f"Time limit of a SLURM job; jobs that end are replaced.  [default: {_JOB_HOURS}]",
    ),
    click.option(
        "--wait-minutes", type=_PositiveNumber(max=60 * 24 * 365), metavar="MINUTES",
        help="End the command if a cluster has no worker for so long.  [default: 10; with SLURM, a day]",
    ),
)  # fmt: skip


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of `EngineOptions` to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True)
class EngineOptions:
    """The given options; None if an option is not given.

    Attributes:
        workers: number of processes on this machine; one for each core if None.
        engine: `local`, `dask` or `slurm`.
        scheduler: address of the scheduler.
        scheduler_file: file with the address of the scheduler.
        jobs: largest number of SLURM jobs at once.
        job_hours: time limit of a SLURM job.
        wait_minutes: longest time without any worker.
    """

    workers: int | None
    engine: str
    scheduler: str | None
    scheduler_file: Path | None
    jobs: int | None
    job_hours: float | None
    wait_minutes: float | None

    def __post_init__(self) -> None:
        """Check that the options are given together.

        Raises:
            click.UsageError: they are not.
        """
        schedulers = (self.scheduler is not None) + (self.scheduler_file is not None)
        if schedulers != (self.engine == "dask"):
            raise click.UsageError(
                "--engine dask needs either --scheduler or --scheduler-file, and other engines need neither"
            )
        if self.engine != "slurm" and (self.jobs or self.job_hours):
            raise click.UsageError("--jobs and --job-hours need --engine slurm")
        if self.engine == "local" and self.wait_minutes:
            raise click.UsageError("--wait-minutes needs --engine dask or --engine slurm")

    @property
    def given(self) -> bool:
        """Whether any option is given."""
        return self != EngineOptions(None, "local", None, None, None, None, None)

    @property
    def processes(self) -> int:
        """Number of processes that do runs at the same time, as far as it is known."""
        return self.jobs or _JOBS if self.engine == "slurm" else self.workers or os.cpu_count() or 1

    def open(self) -> AbstractContextManager[Engine]:
        """Return the engine, which starts when its context is entered.

        Raises:
            InputError: the file of the scheduler cannot be read.
        """
        from cpsim.parallel.engine import open_dask_engine, open_local_engine
        from cpsim.parallel.jobs import open_job_engine

        if self.engine == "local":
            return open_local_engine(self.processes)
        patience = 60 * (self.wait_minutes or _WAIT_MINUTES[self.engine])
        if self.engine == "slurm":
            return open_job_engine(
                self.jobs or _JOBS, timedelta(hours=self.job_hours or _JOB_HOURS), patience
            )
        return open_dask_engine(self.scheduler or self._read_scheduler_file(), patience=patience)

    def _read_scheduler_file(self) -> str:
        assert self.scheduler_file is not None
        shown = format_path(self.scheduler_file)
        try:
            return str(json.loads(self.scheduler_file.read_text("utf-8"))["address"])
        except OSError as error:
            raise InputError(f"{shown}: cannot be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{shown}: not a file that `dask scheduler --scheduler-file {shown}` writes"
            ) from error
