"""`cpsim explain`: search the levers, institutions, scenarios, settings, outcomes and sources of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cpsim.cli._table import print_table, print_topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cpsim.cli._kinds import Kind
    from cpsim.scenario.search import Topic

_MOST_FOUND = 5
"""Most hits of each kind that a search of all kinds prints."""


@click.command()
@click.argument("words", metavar="[WORD]...", nargs=-1)
def explain(words: tuple[str, ...]) -> None:
    """Search levers, institutions, scenarios, settings, outcomes and sources, and print the line to paste.

    `cpsim explain six month` finds the levers, institutions, scenarios, settings, outcomes, claims, dials, signals,
    figures of the evidence and references that mention all WORDs, in any order and spelling, or by another word of the
    field. Each comes with the line to write into a scenario file, or the command to type. The name of a lever or an
    institution also shows what it can do: the dials that it turns, by how much, and which outcomes move first.

    The first word may be a kind: `cpsim explain institutions six month` searches institutions only and prints all that
    it finds in a table, and `cpsim explain institutions` lists all. Without words, lists the kinds.
    """
    from cpsim.cli._kinds import find_kind

    if not words:
        _print_kinds()
    elif kind := find_kind(words[0]):
        _print_kind(kind, words[1:])
    else:
        _print_search(words)


def _print_kinds() -> None:
    from cpsim.cli._kinds import KINDS

    print_table(
        ("kind", "how many", "what it is"),
        [(kind.plural, str(len(kind.load())), kind.meaning) for kind in KINDS],
        right=("how many",),
    )
    click.echo("\n`cpsim explain WORD...` searches all of them, and `cpsim explain KIND WORD...` one.")


def _print_kind(kind: Kind, words: Sequence[str]) -> None:
    """Print the table of a kind, or the rows of it that mention all words."""
    from cpsim.cli._kinds import KINDS, PASTE
    from cpsim.scenario.search import describe_nothing_found, select_topics

    topics = kind.load()
    found = select_topics(words, topics) if words else topics
    if not found:
        message = describe_nothing_found(words, topics, f"no {kind.singular}")
        elsewhere = [other.plural for other in KINDS if select_topics(words, other.load())]
        hint = f"; found in {', '.join(elsewhere)}: cpsim explain {' '.join(words)}" if elsewhere else ""
        raise click.BadArgumentUsage(f"{message}{hint}")
    rows = kind.list_rows([topic.name for topic in found])
    print_table(kind.header, rows, right=kind.right, prose=kind.prose, verbatim=(PASTE,))


def _print_search(words: Sequence[str]) -> None:
    """Print the best hits of each kind, the kind with the best first; what has this very name is explained in full."""
    from cpsim.cli._abilities import print_abilities
    from cpsim.cli._kinds import KINDS
    from cpsim.scenario.search import Topic, describe_nothing_found, find_in_names, is_exact, select_topics

    topics = {kind.plural: kind.load() for kind in KINDS}
    found = [(kind, hits) for kind in KINDS if (hits := select_topics(words, topics[kind.plural]))]
    if not found:
        everything = [topic for each in topics.values() for topic in each]
        everything += [Topic(word) for kind in KINDS for word in (kind.plural, *kind.other_names)]
        raise click.BadArgumentUsage(describe_nothing_found(words, everything))
    found.sort(key=lambda pair: (not is_exact(words, pair[1][0]), not find_in_names(words, pair[1][0])))
    for kind, hits in found:
        _print_hits(kind, hits, words)
        if kind.plural in ("levers", "institutions") and is_exact(words, hits[0]):
            print_abilities(hits[0].name)


def _print_hits(kind: Kind, hits: Sequence[Topic], words: Sequence[str]) -> None:
    click.secho(kind.singular if len(hits) == 1 else kind.plural, bold=True)
    for topic in hits[:_MOST_FOUND]:
        print_topic(topic.name, topic.meaning, kind.write_line(topic.name))
    if (others := len(hits) - _MOST_FOUND) > 0:
        click.echo(f"  {others} more: cpsim explain {kind.plural} {' '.join(words)}")
    click.echo()
