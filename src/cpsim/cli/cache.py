"""`cpsim cache`: show or remove the histories that are kept for later runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from cpsim.cli._output import format_path
from cpsim.cli._table import print_table

if TYPE_CHECKING:
    from cpsim.histories.cache import CachedHistory, HistoryCache

_MEGABYTE = 1e6


@click.command()
@click.option("--clear", is_flag=True, help="Remove all histories.")
def cache(*, clear: bool) -> None:
    """Show the histories that are kept for later runs, the one used last first.

    A run continues from the end of its warm-up if the same history was simulated before. The histories are in the cache
    folder of the platform, or in that of the environment variable CPSIM_CACHE, and have 1 GB at most, or the limit in
    CPSIM_CACHE_GB; those that have not been used for longest are removed first.
    """
    from cpsim.formatting import format_count
    from cpsim.histories.cache import open_cache

    histories = open_cache()
    if clear:
        click.echo(f"Removed {format_count(histories.clear(), 'history', 'histories')}.")
    else:
        _show(histories)


def _show(cache: HistoryCache) -> None:
    from cpsim.formatting import format_count, format_decimals

    found = cache.list_histories()
    if found:
        numbers = ("seed", "children", "weeks", "MB")
        print_table(("scenario", *numbers, "last used"), [_format(row) for row in found], right=numbers)
    size = format_decimals(sum(history.size for history in found) / _MEGABYTE)
    limit = format_decimals(cache.limit / _MEGABYTE)
    histories = format_count(len(found), "history", "histories")
    click.echo(f"{histories}, {size} of {limit} MB, in {format_path(cache.folder)}")


def _format(history: CachedHistory) -> tuple[str, ...]:
    from cpsim.formatting import format_day, format_decimals

    size = format_decimals(history.size / _MEGABYTE, 1)
    used = format_day(datetime.fromtimestamp(history.used, UTC).astimezone().date(), short=True)
    if history.label is None:
        return "(damaged)", "", "", "", size, used
    label = history.label
    counts = (format_decimals(label.children), format_decimals(label.weeks))
    return label.name, str(label.seed), *counts, size, used
