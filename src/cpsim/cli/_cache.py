"""The option that switches off the cache of histories."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable


def _switch_off(_: click.Context, __: click.Parameter, without: bool) -> None:
    """Set the limit of the cache to 0, for this process and its workers."""
    if without:
        from cpsim.histories.cache import LIMIT_VARIABLE

        os.environ[LIMIT_VARIABLE] = "0"


def cache_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option `--no-cache` to a command."""
    return click.option(
        "--no-cache",
        is_flag=True,
        expose_value=False,
        callback=_switch_off,
        help="Simulate the history even if it is in the cache, and do not keep it; see cpsim cache.",
    )(command)
