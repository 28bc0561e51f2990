"""The command `cpsim`, with one module for each subcommand.

Each module defines a click command with the name of the module, and imports slow libraries only when it runs.
"""

import gc
import pkgutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from cpsim.cli._output import end_at_lost_output
from cpsim.histories.errors import CacheWarning
from cpsim.scenario.problems import ScenarioError, ScenarioWarning
from cpsim.scenario.text import escape_unsafe

_ALLOCATIONS = 50_000
"""New objects after which Python searches for garbage; with its own 700, imports take a tenth longer."""
_PRINTED = (ScenarioWarning, CacheWarning)
"""Warnings that are printed as one line."""


class _LazyCommands(click.Group):
    """The commands in this package; each is imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(
            module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")
        )

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = getattr(import_module(f"{__name__}.{cmd_name}"), cmd_name)
        return command

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Parse the arguments, which prints the help and the version."""
        with end_at_lost_output():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; report an invalid scenario with all its errors and exit code 2.

        Warnings about a scenario or the cache are printed on standard error. The error for an option that was renamed
        gives its new name. What cannot be printed is escaped in all errors.
        """
        try:
            with _search_for_garbage_rarely(), _print_scenario_warnings(), end_at_lost_output():
                return super().invoke(ctx)
        except click.NoSuchOption as error:
            from cpsim.scenario.renamed import suggest_new_name

            command = error.ctx.info_name if error.ctx else None
            hint = suggest_new_name("option", f"{command} {error.option_name}")
            if not hint:
                raise
            raise click.UsageError(f"No such option '{error.option_name}'{hint}", error.ctx) from None
        except click.ClickException as error:
            vars(error)["message"] = escape_unsafe(error.message, keep_lines=True)
            raise
        except ScenarioError as error:
            click.echo(str(error), err=True)
            ctx.exit(2)


@contextmanager
def _search_for_garbage_rarely() -> Iterator[None]:
    first, *others = gc.get_threshold()
    gc.set_threshold(_ALLOCATIONS, *others)
    try:
        yield
    finally:
        gc.set_threshold(first, *others)


@contextmanager
def _print_scenario_warnings() -> Iterator[None]:
    """Print each warning about a scenario or the cache once, without the line of code that it comes from."""
    printed: set[str] = set()

    with warnings.catch_warnings():
        show_other = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
            if not issubclass(category, _PRINTED):
                show_other(message, category, *where, **more)
            elif str(message) not in printed:
                printed.add(str(message))
                click.echo(f"warning: {message}", err=True)

        for category in _PRINTED:
            warnings.simplefilter("always", category)
        warnings.showwarning = show
        yield


@click.group(
    cls=_LazyCommands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(package_name="cpsim")
def main() -> None:
    """Simulate multi-agency child protection: what is missed, at which stage, and at what cost."""
