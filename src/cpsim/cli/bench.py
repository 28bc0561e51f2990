"""`cpsim bench`: measure the speed and memory of cpsim on this machine."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from cpsim.cli._numbers import WholeNumber
from cpsim.cli._output import InputError
from cpsim.cli._seeds import parse_seed
from cpsim.cli._stop import Stopped, raise_on_signal
from cpsim.cli._table import print_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cpsim.bench.against_twin import TwinComparison
    from cpsim.bench.england import EnglandBench
    from cpsim.bench.measure import Bench, OnStage
    from cpsim.bench.sweep_overhead import SweepBench

    Measurement = tuple[dict[str, Any], Callable[[], None]]
    """The values by name, and a function that prints them as tables."""


@dataclass(frozen=True)
class _Work:
    """The runs to measure: sizes of the authorities in children, evaluated years, and years of warm-up."""

    sizes: tuple[int, ...]
    years: int
    warm_up_years: int


_ENGINE = _Work((73_000,), years=5, warm_up_years=18)
_AGAINST_TWIN = _Work((5_000, 50_000), years=1, warm_up_years=1)
"""The twin is slow: three years, with warm-up and follow-up, take minutes."""


@click.command()
@click.option(
    "--children", "sizes", type=WholeNumber(), multiple=True, metavar="N",
    help="Children under 18 in the authority; may be repeated with --against-twin.  "
    "[default: 73000; with --against-twin 5000 and 50000]",
)  # fmt: skip
@click.option("--years", type=WholeNumber(), help="Evaluated years.  [default: 5; with --against-twin 1]")
@click.option("--seed", type=parse_seed, metavar="N", default=1, show_default=True, help="Seed of every run.")
@click.option(
    "--warm-up-years", type=WholeNumber(), help="Years of warm-up.  [default: 18; with --against-twin 1]"
)
@click.option(
    "--repeats", type=WholeNumber(min=1), default=3, show_default=True, help="Number of measurements."
)
@click.option(
    "--runs-in-one-process", type=WholeNumber(min=0), default=0, metavar="N",
    help="Also do N tiny runs in one process and measure the growth of its memory.  [default: none]",
)  # fmt: skip
@click.option(
    "--against-twin", is_flag=True,
    help="Measure instead how many times faster the engine is than the textbook twin; "
    "needs a copy of the repository.",
)  # fmt: skip
@click.option(
    "--sweep", "of_sweep", is_flag=True,
    help="Measure instead the overhead of a sweep and the time that it saves; takes five minutes.",
)  # fmt: skip
@click.option(
    "--england", "of_england", is_flag=True,
    help="Measure instead a tenth of England, on all cores, and extrapolate to all of it; takes minutes.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the values as JSON and nothing else.")
def bench(
    sizes: tuple[int, ...],
    years: int | None,
    warm_up_years: int | None,
    seed: int,
    repeats: int,
    runs_in_one_process: int,
    against_twin: bool,
    of_sweep: bool,
    of_england: bool,
    as_json: bool,
) -> None:
    """Measure the speed and memory of cpsim.

    Runs the baseline scenario on this machine. Prints the median, lowest and highest value over the repeats. Do not
    use the machine for other work meanwhile.
    """
    if of_sweep or of_england:
        _check_alone(of_sweep, of_england, against_twin, runs_in_one_process, sizes, years, warm_up_years)
    default = _AGAINST_TWIN if against_twin else _ENGINE
    work = _Work(
        tuple(dict.fromkeys(sizes)) or default.sizes,
        default.years if years is None else years,
        default.warm_up_years if warm_up_years is None else warm_up_years,
    )
    if against_twin and runs_in_one_process:
        raise click.UsageError(
            "--runs-in-one-process cannot be used with --against-twin; leave out one of them"
        )
    if len(work.sizes) > 1 and not against_twin:
        raise click.UsageError("--children may be repeated only with --against-twin")
    try:
        with raise_on_signal() as check, _show_progress(shown=not as_json) as show:

            def on_stage(done: int, total: int, name: str) -> None:
                check()
                show(done, total, name)

            if of_england:
                values, print_result = _measure_england(seed, on_stage)
            elif of_sweep:
                values, print_result = _measure_sweep(seed, repeats, on_stage)
            elif against_twin:
                values, print_result = _measure_against_twin(work, seed, repeats, on_stage)
            else:
                values, print_result = _measure_engine(work, seed, repeats, runs_in_one_process, on_stage)
    except Stopped as stopped:
        click.echo("Stopped.", err=True)
        raise click.exceptions.Exit(stopped.exit_code) from None
    if as_json:
        click.echo(json.dumps(values, indent=2))
    else:
        print_result()


def _check_alone(of_sweep: bool, of_england: bool, *others: object) -> None:
    """Refuse options of other measurements next to `--sweep` or `--england`."""
    if (of_sweep and of_england) or any(other not in (None, False, 0, ()) for other in others):
        option, own = (
            ("--sweep", "--seed, --repeats and --json") if of_sweep else ("--england", "--seed and --json")
        )
        raise click.UsageError(f"{option} measures its own runs; use only {own} with it")


def _measure_engine(
    work: _Work, seed: int, repeats: int, runs_in_one_process: int, on_stage: OnStage
) -> Measurement:
    from cpsim.bench.measure import measure_runs, resize_baseline

    (children,) = work.sizes
    scenario = resize_baseline(children, work.years, work.warm_up_years)
    measured = measure_runs(scenario, seed, repeats, runs_in_one_process, on_stage)
    return measured.to_dict(), partial(_print_engine, measured)


def _measure_against_twin(work: _Work, seed: int, repeats: int, on_stage: OnStage) -> Measurement:
    from cpsim.bench.against_twin import HistoriesDifferError, TwinMissingError, compare_speed
    from cpsim.bench.measure import resize_baseline

    scenarios = [resize_baseline(children, work.years, work.warm_up_years) for children in work.sizes]
    try:
        measured = compare_speed(scenarios, seed, repeats, on_stage)
    except TwinMissingError as missing:
        raise InputError(f"{missing}") from None
    except HistoriesDifferError as error:
        raise click.ClickException(f"engine and twin do not produce the same events: {error}") from None
    return measured.to_dict(), partial(_print_ratio, measured)


def _measure_sweep(seed: int, repeats: int, on_stage: OnStage) -> Measurement:
    from cpsim.bench.sweep_overhead import measure_sweep

    measured = measure_sweep(seed, repeats, on_stage)
    return measured.to_dict(), partial(_print_sweep, measured)


def _measure_england(seed: int, on_stage: OnStage) -> Measurement:
    from cpsim.bench.england import measure_england

    measured = measure_england(seed, on_stage)
    return measured.to_dict(), partial(_print_england, measured)


@contextmanager
def _show_progress(*, shown: bool) -> Iterator[OnStage]:
    """Show which stage is measured; the bar is redrawn only between stages, so that drawing does not slow them."""
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


def _print_engine(measured: Bench) -> None:
    from cpsim.bench.measure import MEASURES
    from cpsim.formatting import format_count, format_decimals, format_number, format_percent

    about = measured.setup
    click.echo(
        f"{format_count(about['children'], 'child', 'children')} over {_format_weeks(about)}:\n"
        f"{format_number(about['child_weeks'] / 1e6)} million child-weeks and "
        f"{format_number(about['signs'] / 1e6)} million signs, {_format_repeats(about)}\n{_format_machine(about)}\n"
    )
    print_table(
        ("measure", "value", "lowest", "highest", "unit", "meaning"),
        [
            (
                name,
                *map(format_number, (measured.headline(name), min(values), max(values))),
                MEASURES[name].unit,
                MEASURES[name].meaning,
            )
            for name, values in measured.values.items()
        ],
        right=("value", "lowest", "highest"),
        prose=2,
    )
    click.echo(
        f"\nA fork at the end of the warm-up simulates {format_percent(about['own_weeks_share_of_fork'])} of the weeks "
        "of a run.\n"
    )
    shares = measured.step_shares
    print_table(
        ("step of the week", "share", "microseconds"),
        [
            (name, format_percent(shares[name]), format_decimals(seconds / about["weeks"] * 1e6))
            for name, seconds in measured.step_seconds.items()
        ],
        right=("share", "microseconds"),
    )


def _print_ratio(measured: TwinComparison) -> None:
    from cpsim.bench.against_twin import TARGET_RATIO
    from cpsim.formatting import format_count, format_decimals, format_number

    about, largest = measured.setup, measured.largest.to_dict()
    click.echo(
        f"{_format_weeks(about | largest)}, {_format_repeats(about)}; engine and twin produced the same events\n"
        f"{_format_machine(about)}\n"
    )
    rows = [size.to_dict() for size in measured.sizes]
    names = "world_seconds engine_seconds twin_seconds ratio ratio_low ratio_high ratio_with_world".split()
    header = ("children", "occurrences", *names)
    print_table(
        header,
        [(format_decimals(row["children"]), format_decimals(row["occurrences"]),
          *(format_number(row[name]) for name in names)) for row in rows],
        right=header, prose=0,
    )  # fmt: skip
    click.echo(
        f"\nAt {format_count(largest['children'], 'child', 'children')} the engine is "
        f"{format_number(largest['ratio'])} times as fast as the twin ({format_number(largest['ratio_low'])} to "
        f"{format_number(largest['ratio_high'])}); the target is {format_number(TARGET_RATIO)}."
    )


def _print_sweep(measured: SweepBench) -> None:
    from cpsim.bench.sweep_overhead import MEASURES
    from cpsim.formatting import format_number

    about = measured.setup
    click.echo("\n".join([*about["work"], _format_repeats(about), _format_machine(about), ""]))
    print_table(
        ("measure", "value", "unit", "target", "meaning"),
        [
            (
                name,
                format_number(measured.headline(name)),
                MEASURES[name].unit,
                MEASURES[name].aim,
                MEASURES[name].meaning,
            )
            for name in measured.values
        ],
        right=("value",),
    )


def _print_england(measured: EnglandBench) -> None:
    from cpsim.cli._progress import format_duration
    from cpsim.formatting import format_count, format_decimals, format_number

    click.echo(
        f"{format_decimals(measured.tiles_run)} of {format_count(measured.tiles, 'tile')} of England, with "
        f"{format_number(measured.children_run / 1e6)} of {format_number(measured.children / 1e6)} million children, "
        f"over {format_count(measured.weeks, 'week')} with "
        f"{format_count(measured.workers, 'worker process', 'worker processes')}, seed {measured.setup['seed']}\n"
        f"{_format_machine(measured.setup)}\n\n"
        f"time: {format_duration(measured.seconds)}; extrapolated to all tiles: "
        f"{format_duration(measured.seconds_for_all)}\n"
        f"speed: {format_number(measured.child_weeks_per_second / 1e6)} million child-weeks a second\n"
        f"memory: {format_decimals(measured.worker_memory_mb)} MB for each worker process; "
        f"{format_decimals(measured.memory_mb)} MB in all"
    )


def _format_weeks(about: dict[str, Any]) -> str:
    """Format the number of weeks of a run and its parts."""
    from cpsim.formatting import format_count, format_decimals

    warm_up, evaluated = (format_decimals(about[name]) for name in ("warm_up_weeks", "evaluated_weeks"))
    return f"{format_count(about['weeks'], 'week')} ({warm_up} of warm-up, {evaluated} evaluated)"


def _format_repeats(about: dict[str, Any]) -> str:
    from cpsim.formatting import format_count

    return f"seed {about['seed']}, {format_count(about['repeats'], 'repeat')}"


def _format_machine(about: dict[str, Any]) -> str:
    versions = about["versions"]
    return f"Python {versions['python']}, mesa {versions['mesa']}, numpy {versions['numpy']}, {about['platform']}"
