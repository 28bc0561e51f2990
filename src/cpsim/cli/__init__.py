"""The command `cpsim`: one module of this package for each of its commands.

A command's module holds a click command of the module's own name, and imports what is heavy only when it is run.
"""

import pkgutil
from importlib import import_module

import click

from cpsim.scenario.problems import ScenarioError


class _Commands(click.Group):
    """The commands found in this package, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(
            module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")
        )

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = getattr(import_module(f"{__name__}.{cmd_name}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; a scenario that cannot be used ends it with its faults and exit code 2."""
        try:
            return super().invoke(ctx)
        except ScenarioError as error:
            click.echo(str(error), err=True)
            ctx.exit(2)


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(package_name="cpsim")
def main() -> None:
    """Simulate multi-agency child protection: what a system misses, where it is lost, and at what cost."""
