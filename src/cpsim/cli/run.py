"""`cpsim run`: one local authority, from its scenario to a folder of results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cpsim.cli._output import (
    REPORT,
    WrongInput,
    free_names,
    on_paper,
    output_faults_as_bad_input,
    saved,
    say,
)
from cpsim.cli._progress import weeks_with_time_left
from cpsim.cli._stop import Stopped, stoppable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cpsim.results import RunResult
    from cpsim.results.attribution import Attribution
    from cpsim.scenario.schema import Scenario

    OnWeek = Callable[[int, int], None]


def _in_pairs(context: click.Context, option: click.Parameter, orders: int) -> int:
    given = context.get_parameter_source("orders") is not click.core.ParameterSource.DEFAULT
    if given and not context.params["attributes"]:
        raise click.BadParameter("orders are of use with --attribute only", param=option)
    if orders % 2:
        raise click.BadParameter(f"orders are sampled in pairs: an even number, not {orders}", param=option)
    return orders


@click.command()
@click.argument("scenario")
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True,
    help="The same seed grows the same children under every scenario.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Folder to write; must not exist.  [default: runs/<name>-seed<seed>, numbered if that is taken]",
)  # fmt: skip
@click.option(
    "--set", "overrides", metavar="PATH=VALUE", multiple=True, help="Override one setting; may be repeated."
)
@click.option(
    "--attribute", "attributes", is_flag=True, is_eager=True,
    help="Ask as well which stage answers for what was missed: the years are lived again with stages made perfect.",
)  # fmt: skip
@click.option(
    "--orders", type=click.IntRange(2, 720), default=720, show_default=True, callback=_in_pairs,
    help="With --attribute: orders of making stages perfect. 720 are all and take 64 runs, 12 take about 40.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print summary.json and nothing else.")
@click.option("--quiet", is_flag=True, help="Print only the name of the folder.")
@click.option("--no-figures", is_flag=True, help="Leave the figures and the report out.")
def run(
    scenario: str,
    seed: int,
    out: Path | None,
    overrides: tuple[str, ...],
    attributes: bool,
    orders: int,
    as_json: bool,
    quiet: bool,
    no_figures: bool,
) -> None:
    """Simulate SCENARIO: the name of one that comes with cpsim, such as baseline, or a YAML file.

    Prints what the system missed, beside its false alarms, workload and cost, and writes a folder with the tables and
    figures behind it and report.html, a page to read and to hand in: whole, or not at all.
    """
    try:
        with stoppable() as check, output_faults_as_bad_input():
            shown, figures = not (quiet or as_json), not no_figures
            sampled = orders if attributes else None
            result, attribution, folder = _run(
                scenario, seed, out, overrides, sampled, check, shown=shown, figures=figures
            )
            if as_json:
                say(result.summary_json())
            elif quiet:
                say(f"{folder}\n")
            else:
                say(_page(result, attribution, folder, figures=figures))
    except Stopped as stopped:
        click.echo("Stopped.", err=True)
        raise click.exceptions.Exit(stopped.exit_code) from None


def _run(
    scenario: str,
    seed: int,
    out: Path | None,
    overrides: tuple[str, ...],
    orders: int | None,
    check: Callable[[], None],
    *,
    shown: bool,
    figures: bool,
) -> tuple[RunResult, Attribution | None, Path]:
    """Run and save; the place is looked at before, so that nobody waits for a folder that cannot be written."""
    from cpsim.results.folder import check_target
    from cpsim.scenario.read import load

    settings = load(scenario, overrides)
    check_target(out or next(_free_names(settings.name, seed)))
    with weeks_with_time_left(shown=shown) as show:
        result = _lived(settings, seed, _checking(check, show))
        check()
        if orders is None:
            return result, None, _save(result, None, out, figures=figures)
    with weeks_with_time_left(shown=shown, doing="Living them again, with stages made perfect") as show:
        from cpsim.study.attribution import attribute

        attribution = attribute(settings, [seed], orders, on_week=_checking(check, show))
        check()
        return result, attribution, _save(result, attribution, out, figures=figures)


def _lived(settings: Scenario, seed: int, on_week: OnWeek) -> RunResult:
    from cpsim.model import run as run_model
    from cpsim.network.graphml import NetworkFileError

    try:
        return run_model(settings, seed, on_week)
    except NetworkFileError as error:
        raise WrongInput(str(error)) from error


def _checking(check: Callable[[], None], show: OnWeek) -> OnWeek:
    """What shows each week, unless somebody has asked for an end."""

    def on_week(done: int, total: int) -> None:
        check()
        show(done, total)

    return on_week


def _save(result: RunResult, attribution: Attribution | None, out: Path | None, *, figures: bool) -> Path:
    """Write the folder `out`, or the first free one under `runs/`."""

    def extra(folder: Path) -> None:
        if figures:
            _draw(result, attribution, folder)
        if attribution is not None:
            attribution.save(folder)
        if attribution is not None and figures:
            _draw_readings(attribution, folder / "figures")

    names = _free_names(result.scenario["name"], result.seed)
    return saved(lambda folder: result.save(folder, extra), out, names)


def _draw(result: RunResult, attribution: Attribution | None, folder: Path) -> None:
    from cpsim.plot.figures import save_figures
    from cpsim.report import run_page

    save_figures(result, folder / "figures")
    (folder / REPORT).write_text(run_page(result, attribution=attribution), encoding="utf-8", newline="\n")


def _draw_readings(attribution: Attribution, folder: Path) -> None:
    from cpsim.plot import save
    from cpsim.plot.readings import readings

    figure = readings(attribution)
    for ending in ("png", "svg"):
        save(figure, folder / f"readings.{ending}")


def _free_names(name: str, seed: int) -> Iterator[Path]:
    return free_names("runs", name, f"-seed{seed}")


def _page(result: RunResult, attribution: Attribution | None, folder: Path, *, figures: bool) -> str:
    """The summary, which stage answers for what was missed if that was asked, and where to look next."""
    readings = f"\n{on_paper(attribution)}" if attribution else ""
    report = f" Open {folder / REPORT}." if figures else ""
    return f"\n{on_paper(result)}{readings}\nWrote {folder}.{report}\n"
