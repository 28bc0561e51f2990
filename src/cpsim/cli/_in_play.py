"""Remarks on events that are not in play, for commands that take scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cpsim.cli._output import InputError
from cpsim.scenario.clock import total_weeks
from cpsim.scenario.text import escape_unsafe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cpsim.scenario.schema import Scenario


def list_remarks(scenario: Scenario, *, late: bool = True) -> list[str]:
    """List a sentence for each event of a scenario that is not in play.

    Args:
        scenario: the scenario.
        late: whether to include events after the run, about which reading the scenario has already warned.

    Raises:
        InputError: the network file does not fit the scenario.
    """
    if not scenario.timeline:
        return []  # no need to import the engine
    from cpsim.network.graphml import NetworkFileError
    from cpsim.reach import find_idle_events
    from cpsim.reach.in_play import MOST_EVENTS

    if len(scenario.timeline) > MOST_EVENTS:
        return [
            f"the timeline has more than {MOST_EVENTS} events, so they are not tried: any may be out of play"
        ]

    try:
        found = find_idle_events(scenario)
    except NetworkFileError as error:
        raise InputError(str(error)) from error
    weeks, clock = total_weeks(scenario.clock), scenario.clock
    begins = [event.first_week(clock) for event in scenario.timeline]
    return [
        escape_unsafe(str(idle))
        for idle in found
        if late or min(begins[index] for index in idle.indices) < weeks
    ]


def print_remarks(arms: Mapping[str, Scenario]) -> None:
    """Print on standard error what is not in play in some scenarios, and which of them are one.

    Args:
        arms: scenarios by name; the names are printed if there are several.
    """
    for name, scenario in arms.items():
        for remark in list_remarks(scenario, late=False):
            prefix = f"{escape_unsafe(name)}: " if len(arms) > 1 else ""
            click.echo(f"note: {prefix}{remark}", err=True)
    if any(scenario.timeline for scenario in arms.values()):
        from cpsim.reach import describe_equal_arms

        for sentence in describe_equal_arms(arms):
            click.echo(f"note: {escape_unsafe(sentence)}", err=True)
