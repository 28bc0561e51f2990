"""Values of the options for seeds, which follow the rule of `cpsim.seeds`."""

import re
from collections.abc import Callable
from typing import Any

import click

from cpsim.seeds import read_seed, read_seed_count


def parse_seed(text: str | int) -> int:
    """Parse a seed.

    Raises:
        click.BadParameter: it is not one.
    """
    return _parse(text, read_seed)


def parse_seed_count(text: str | int) -> int:
    """Parse a number of seeds.

    Raises:
        click.BadParameter: it is not one.
    """
    return _parse(text, read_seed_count)


def _parse(text: str | int, read: Callable[[Any], int]) -> int:
    is_number = isinstance(text, str) and re.fullmatch(r"-?[0-9]{1,18}", text)
    try:
        return read(int(text) if is_number else text)
    except ValueError as error:
        from cpsim.scenario.intended import suggest_reading

        hint = suggest_reading(text, [{"type": "integer", "minimum": 0}])
        raise click.BadParameter(f"{error}{hint}") from error
