"""`cpsim new`: write a scenario file to start from."""

from __future__ import annotations

import os
from pathlib import Path

import click

from cpsim.cli._output import InputError, format_path


@click.command()
@click.argument("name")
@click.option(
    "--from",
    "base",
    metavar="SCENARIO",
    default="small",
    show_default=True,
    help="The scenario that it extends: the name of one that comes with cpsim, or a file in this folder or below.",
)
@click.option(
    "--lever",
    "levers",
    metavar="LEVER",
    multiple=True,
    help="A lever or an institution that becomes an event of the timeline; may be repeated.",
)
def new(name: str, base: str, levers: tuple[str, ...]) -> None:
    """Write NAME.yaml, a scenario file to start from, in this folder.

    The file extends another scenario and has an event for each --lever, with its main settings: above each stands what
    it means, its unit, its range and its default. `cpsim explain WORDS` finds levers and institutions. A file that
    exists is never changed.
    """
    from cpsim.scenario.new_file import (
        NewFileError,
        build_text,
        check_name,
        describe_existing,
        find_base,
        list_next_commands,
        write_file,
    )

    try:
        check_name(name)
        path = Path(f"{name}.yaml")
        if os.path.lexists(path):
            raise NewFileError(describe_existing(path))
        found = find_base(base, Path())
        write_file(path, build_text(name, found, levers))
    except NewFileError as error:
        raise InputError(str(error)) from None
    click.echo(format_path(path))
    for command in list_next_commands(name, found):
        click.echo(f"  {command}")
