"""Where the numbers of a page come from, what they cannot show, and how to have them again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from cpsim.report.blocks import Column, Command, Fold, Group, Paragraph, Points, Table
from cpsim.report.words import code, count, named, value
from cpsim.results import scenario_yaml
from cpsim.scenario.register import register

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cpsim.report.blocks import Block, Text

_TAGS = {
    "measured": "measured: taken from statistics or studies",
    "derived": "derived: worked out from what was measured",
    "guess": "guesses: chosen so that the whole meets national figures, or because some number is needed",
}


def _register_in_a_sentence() -> str:
    """How many of the numbers that the model uses are measured."""
    tags = Counter(row.tag for row in register().values())
    return (
        f"Of the {count(sum(tags.values()), 'number')} that the model uses, {tags['measured']} are measured, "
        f"{tags['derived']} derived and {tags['guess']} guesses."
    )


def _by_part() -> Table:
    """How many numbers of each part of the model are measured, derived and guesses."""
    parts: dict[str, Counter[str]] = {}
    for row in register().values():
        parts.setdefault(row.id.partition(".")[0], Counter())[row.tag] += 1
    rows = tuple(
        (part.replace("_", " "), *(f"{tags[tag]}" for tag in _TAGS)) for part, tags in sorted(parts.items())
    )
    columns = Column("Part of the model"), *(Column(tag.capitalize(), True) for tag in _TAGS)
    return Table("Where the model's numbers come from", tuple(columns), (Group(rows),))


def _sources() -> Table:
    """The measured and derived numbers with their sources."""
    columns = Column("Number"), Column("Default", True), Column("Meaning"), Column("Source")
    groups = tuple(
        Group(
            tuple(
                (
                    code(row.id),
                    value(row.default),
                    f"{row.meaning} [{row.unit}]",
                    row.source,
                )
                for row in register().values()
                if row.tag == tag
            ),
            tag.capitalize(),
        )
        for tag in ("measured", "derived")
    )
    return Table("The numbers that are not guesses, with their sources", columns, groups)


def settings_as_run(scenario: Mapping[str, Any]) -> Fold:
    """Every number of the register that the scenario uses: its value here, its range, tag and source."""
    columns = Column("Setting"), Column("Here", True), Column("Plausible"), Column("Tag"), Column("Source")
    rows = tuple(_settings(scenario))
    table = Table("Settings of this run with their sources", columns, (Group(rows),))
    return Fold(f"Every setting of this run with its source ({len(rows)})", (table,))


def _settings(scenario: Mapping[str, Any]) -> Iterator[tuple[Text, ...]]:
    for row in register().values():
        found: Any = scenario
        for step in row.id.split("."):
            found = found.get(step) if isinstance(found, dict) else None
        if found is not None:
            plausible = f"{value(row.low)} to {value(row.high)} {row.unit.replace('_', ' ')}"
            yield code(row.id), value(found), plausible, row.tag, row.source


def origins() -> tuple[Block, ...]:
    """How results come about, and what the settings rest on."""
    return (
        Paragraph(
            "Every result on this page is counted, week by week and child by child, from the tables that lie in the "
            "same folder."
        ),
        Paragraph(_register_in_a_sentence()),
        Points(tuple(f"{text[0].upper()}{text[1:]}." for text in _TAGS.values())),
        Fold("What is measured and derived, with its sources", (_by_part(), _sources())),
    )


def limits() -> tuple[Text, ...]:
    """What no page of cpsim can show."""
    return (
        "Every child, family and agency in it is invented. It predicts for no real child and no real council.",
        "Official figures do not say how many harmed children a real system misses: quite different rates fit them "
        "equally well. Read differences between runs, not the level of one.",
        f"{_register_in_a_sentence()} What follows from guesses holds only as far as it holds over their plausible "
        "ranges: ask with a sweep.",
        "Misses must never be read alone. Whatever only lowers a threshold finds more children and troubles more "
        "families for nothing.",
        "Chance between children is in the results; that the model itself may be wrong is in none of them.",
    )


def repeated(
    told: str, command: str, files: Mapping[str, Mapping[str, Any]], provenance: Mapping[str, Any]
) -> tuple[Block, ...]:
    """How to have the same result again.

    Args:
        told: what to do with the command.
        command: what to type.
        files: what it reads, by the names of the files.
        provenance: seeds, hashes and versions, by name.
    """
    return (
        Paragraph(told),
        Command(command),
        _made_with(provenance),
        *(Fold(f"The file {name}", (Command(scenario_yaml(held)),)) for name, held in files.items()),
    )


def _made_with(provenance: Mapping[str, Any]) -> Table:
    """Seeds, hashes and versions; when and where it was made stays in `provenance.json`."""
    rows: list[tuple[Text, ...]] = [
        (f"{name[0].upper()}{name[1:]}".replace("_sha256", ", SHA-256"), _shown(told))
        for name, told in provenance.items()
        if name.startswith("seed") or name.endswith("sha256")
    ]
    rows.append(
        ("Versions", ", ".join(f"{name} {version}" for name, version in provenance["versions"].items()))
    )
    return Table("Made with", (Column("What"), Column("Which")), (Group(tuple(rows)),))


def _shown(told: Any) -> Text:
    if isinstance(told, dict):
        return Markup("<br>").join(
            Markup("{} {}").format(named(name), _shown(own)) for name, own in told.items()
        )
    return Markup('<code class="hash">{}</code>').format(told) if len(str(told)) == 64 else value(told)
