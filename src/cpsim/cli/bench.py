"""`cpsim bench`: how fast cpsim is on this machine."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from cpsim.cli._stop import Stopped, stoppable
from cpsim.cli._table import show_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cpsim.study.against_twin import AgainstTwin
    from cpsim.study.bench import Bench, OnStage
    from cpsim.study.bench_sweep import SweepBench

    Told = tuple[dict[str, Any], Callable[[], None]]
    """All figures by name, and what prints them for a person."""


@dataclass(frozen=True)
class _Work:
    """Which authorities live for how long."""

    sizes: tuple[int, ...]
    years: int
    warm_up_years: int


_ALONE = _Work((73_000,), years=5, warm_up_years=18)
_AGAINST_TWIN = _Work((5_000, 50_000), years=1, warm_up_years=1)
"""The twin is slow; over three years, history and follow-up included, it is done within minutes."""


class _NotHere(click.ClickException):
    """What was asked for cannot be had from this installation."""

    exit_code = 2


@click.command()
@click.option(
    "--children", "sizes", type=int, multiple=True, metavar="N",
    help="Children under 18 in the authority; against the twin, may be repeated.  "
    "[default: 73000; against the twin 5000 and 50000]",
)  # fmt: skip
@click.option("--years", type=int, help="Years judged.  [default: 5; against the twin 1]")
@click.option("--warm-up-years", type=int, help="Years of history before.  [default: 18; against the twin 1]")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of every run.")
@click.option(
    "--repeats", type=click.IntRange(min=1), default=3, show_default=True, help="How often to measure."
)
@click.option(
    "--runs-in-one-process", type=click.IntRange(min=0), default=0, metavar="N",
    help="Also make N tiny runs in one process and see whether its memory grows.  [default: leave out]",
)  # fmt: skip
@click.option(
    "--against-twin", is_flag=True,
    help="Measure instead how many times as fast as the textbook twin the engine does the same work; "
    "needs a copy of the repository.",
)  # fmt: skip
@click.option(
    "--sweep", "of_sweep", is_flag=True,
    help="Measure instead what a sweep adds to its runs, and what it saves; takes five minutes.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON and nothing else.")
def bench(
    sizes: tuple[int, ...],
    years: int | None,
    warm_up_years: int | None,
    seed: int,
    repeats: int,
    runs_in_one_process: int,
    against_twin: bool,
    of_sweep: bool,
    as_json: bool,
) -> None:
    """Measure speed and memory of the baseline scenario on this machine.

    Leave the machine alone meanwhile. Prints the median over the repeats, and the lowest and highest beside it.
    """
    if of_sweep and (against_twin or runs_in_one_process or sizes or (years, warm_up_years) != (None, None)):
        raise click.UsageError(
            "--sweep measures runs of its own; it goes with --seed, --repeats and --json only"
        )
    usual = _AGAINST_TWIN if against_twin else _ALONE
    work = _Work(
        tuple(dict.fromkeys(sizes)) or usual.sizes,
        usual.years if years is None else years,
        usual.warm_up_years if warm_up_years is None else warm_up_years,
    )
    if against_twin and runs_in_one_process:
        raise click.UsageError("--runs-in-one-process has nothing to do with the twin; leave one of them out")
    if len(work.sizes) > 1 and not against_twin:
        raise click.UsageError("several --children are for --against-twin only")
    try:
        with stoppable() as check, _progress(shown=not as_json) as show:

            def on_stage(done: int, total: int, name: str) -> None:
                check()
                show(done, total, name)

            if of_sweep:
                figures, say = _sweep(seed, repeats, on_stage)
            elif against_twin:
                figures, say = _against_twin(work, seed, repeats, on_stage)
            else:
                figures, say = _alone(work, seed, repeats, runs_in_one_process, on_stage)
    except Stopped as stopped:
        click.echo("Stopped.", err=True)
        raise click.exceptions.Exit(stopped.exit_code) from None
    if as_json:
        click.echo(json.dumps(figures, indent=2))
    else:
        say()


def _alone(work: _Work, seed: int, repeats: int, runs_in_one_process: int, on_stage: OnStage) -> Told:
    from cpsim.study.bench import authority, measure

    (children,) = work.sizes
    scenario = authority(children, work.years, work.warm_up_years)
    measured = measure(scenario, seed, repeats, runs_in_one_process, on_stage)
    return measured.to_dict(), partial(_say, measured)


def _against_twin(work: _Work, seed: int, repeats: int, on_stage: OnStage) -> Told:
    from cpsim.study.against_twin import NotTheSame, NoTwin, compare_speed
    from cpsim.study.bench import authority

    scenarios = [authority(children, work.years, work.warm_up_years) for children in work.sizes]
    try:
        measured = compare_speed(scenarios, seed, repeats, on_stage)
    except NoTwin as missing:
        raise _NotHere(f"{missing}") from None
    except NotTheSame as parted:
        raise click.ClickException(f"engine and twin do not do the same: {parted}") from None
    return measured.to_dict(), partial(_say_ratio, measured)


def _sweep(seed: int, repeats: int, on_stage: OnStage) -> Told:
    from cpsim.study.bench_sweep import measure_sweep

    measured = measure_sweep(seed, repeats, on_stage)
    return measured.to_dict(), partial(_say_sweep, measured)


@contextmanager
def _progress(*, shown: bool) -> Iterator[OnStage]:
    """Draw what is being measured. Nothing moves between two stages: a lively bar would cost what is measured."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    console = Console(stderr=True)
    if not (shown and console.is_terminal):
        yield lambda *_: None
        return
    with Progress(
        TextColumn("Measuring"), BarColumn(), TextColumn("{task.description}"),
        console=console, transient=True, auto_refresh=False,
    ) as progress:  # fmt: skip
        task = progress.add_task("", total=None)

        def on_stage(done: int, total: int, name: str) -> None:
            progress.update(task, completed=done, total=total, description=name, refresh=True)

        yield on_stage


def _say(measured: Bench) -> None:
    from cpsim.study.bench import MEASURES

    about, versions = measured.about, measured.about["versions"]
    click.echo(
        f"{about['children']:,} children over {about['weeks']:,} weeks ({about['warm_up_weeks']:,} of history, "
        f"{about['judged_weeks']:,} judged):\n"
        f"{about['child_weeks'] / 1e6:,.1f} million child-weeks and {about['signs'] / 1e6:.2f} million signs, "
        f"seed {about['seed']}, {about['repeats']} repeats\n"
        f"Python {versions['python']}, mesa {versions['mesa']}, numpy {versions['numpy']}, {about['platform']}\n"
    )
    show_table(
        ("measure", "value", "lowest", "highest", "unit", "meaning"),
        [
            (
                name,
                *(_number(value) for value in (measured.headline(name), min(values), max(values))),
                MEASURES[name].unit,
                MEASURES[name].meaning,
            )
            for name, values in measured.values.items()
        ],
        right=("value", "lowest", "highest"),
        prose=2,
    )
    click.echo(
        f"\nA fork at the end of the warm-up has {about['own_weeks_share_of_fork']:.0%} of the weeks of its own.\n"
    )
    shares = measured.step_shares
    show_table(
        ("step of the week", "share", "microseconds"),
        [
            (name, f"{shares[name]:.1%}", f"{seconds / about['weeks'] * 1e6:,.0f}")
            for name, seconds in measured.step_seconds.items()
        ],
        right=("share", "microseconds"),
    )


def _say_ratio(measured: AgainstTwin) -> None:
    from cpsim.study.against_twin import AIM

    about, versions, largest = measured.about, measured.about["versions"], measured.largest.to_dict()
    click.echo(
        f"{largest['weeks']:,} weeks ({about['warm_up_weeks']:,} of history, {about['judged_weeks']:,} judged), "
        f"seed {about['seed']}, {about['repeats']} repeats; engine and twin lived through the same\n"
        f"Python {versions['python']}, mesa {versions['mesa']}, numpy {versions['numpy']}, {about['platform']}\n"
    )
    rows = [size.to_dict() for size in measured.sizes]
    figures = "world_seconds engine_seconds twin_seconds ratio ratio_low ratio_high ratio_with_world".split()
    header = ("children", "happenings", *figures)
    show_table(
        header,
        [(f"{row['children']:,}", f"{row['happenings']:,}", *(_number(row[name]) for name in figures))
         for row in rows],
        right=header, prose=0,
    )  # fmt: skip
    click.echo(
        f"\nAt {largest['children']:,} children the engine is {_number(largest['ratio'])} times as fast as the twin "
        f"({_number(largest['ratio_low'])} to {_number(largest['ratio_high'])}); the aim is {AIM:.0f}."
    )


def _say_sweep(measured: SweepBench) -> None:
    from cpsim.study.bench_sweep import MEASURES

    about, versions = measured.about, measured.about["versions"]
    click.echo(
        "\n".join(about["work"]) + f"\nseed {about['seed']}, {about['repeats']} repeats of the arms\n"
        f"Python {versions['python']}, mesa {versions['mesa']}, numpy {versions['numpy']}, {about['platform']}\n"
    )
    show_table(
        ("measure", "value", "unit", "aim", "meaning"),
        [
            (
                name,
                _number(measured.headline(name)),
                MEASURES[name].unit,
                MEASURES[name].aim,
                MEASURES[name].meaning,
            )
            for name in measured.values
        ],
        right=("value",),
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 1 else f"{value:.3f}"
