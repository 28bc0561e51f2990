"""`cpsim bench`: how fast cpsim is on this machine."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from cpsim.cli._stop import Stopped, stoppable
from cpsim.cli._table import show_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cpsim.study.bench import Bench, OnStage


@click.command()
@click.option(
    "--children", type=int, default=73_000, show_default=True, help="Children under 18 in the authority."
)
@click.option("--years", type=int, default=5, show_default=True, help="Years judged.")
@click.option("--warm-up-years", type=int, default=18, show_default=True, help="Years of history before.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of every run.")
@click.option(
    "--repeats", type=click.IntRange(min=1), default=3, show_default=True, help="How often to measure."
)
@click.option(
    "--runs-in-one-process", type=click.IntRange(min=0), default=0, metavar="N",
    help="Also make N tiny runs in one process and see whether its memory grows.  [default: leave out]",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON and nothing else.")
def bench(
    children: int,
    years: int,
    warm_up_years: int,
    seed: int,
    repeats: int,
    runs_in_one_process: int,
    as_json: bool,
) -> None:
    """Measure speed and memory of the baseline scenario on this machine.

    Leave the machine alone meanwhile. Prints the median over the repeats, and the lowest and highest beside it.
    """
    try:
        with stoppable() as check, _progress(shown=not as_json) as show:
            from cpsim.study.bench import authority, measure

            def on_stage(done: int, total: int, name: str) -> None:
                check()
                show(done, total, name)

            measured = measure(
                authority(children, years, warm_up_years), seed, repeats, runs_in_one_process, on_stage
            )
    except Stopped as stopped:
        click.echo("Stopped.", err=True)
        raise click.exceptions.Exit(stopped.exit_code) from None
    if as_json:
        click.echo(json.dumps(measured.to_dict(), indent=2))
    else:
        _say(measured)


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


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 1 else f"{value:.3f}"
