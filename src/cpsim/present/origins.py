"""The closing sections of a page: sources of the numbers, limits, and how to repeat the run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from cpsim.formatting import format_count
from cpsim.present.blocks import BulletList, Command, Details, PageColumn, PageTable, Paragraph, RowGroup
from cpsim.present.phrases import format_code, format_value, isolate_name
from cpsim.results import format_scenario_yaml
from cpsim.scenario.register import load_register

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cpsim.present.blocks import Block, Text

_TAGS = {
    "measured": "measured: taken from statistics or studies",
    "derived": "derived: calculated from measured numbers",
    "choice": "choices: set by definition, or by what a scenario asks",
    "guess": "guesses: chosen so that the model matches national statistics, or because a number was needed",
}


def _describe_register() -> str:
    """State how many of the numbers of the model are measured, derived, choices and guesses."""
    tags = Counter(row.tag for row in load_register().values())
    return (
        f"Of the {format_count(sum(tags.values()), 'number')} that the model uses, {tags['measured']} are measured, "
        f"{tags['derived']} derived, {tags['choice']} choices and {tags['guess']} guesses."
    )


def _create_part_table() -> PageTable:
    """Count the measured numbers, derived numbers, choices and guesses in each part of the model."""
    parts: dict[str, Counter[str]] = {}
    for row in load_register().values():
        parts.setdefault(row.id.partition(".")[0], Counter())[row.tag] += 1
    rows = tuple(
        (part.replace("_", " "), *(f"{tags[tag]}" for tag in _TAGS)) for part, tags in sorted(parts.items())
    )
    columns = PageColumn("Part of the model"), *(PageColumn(tag.capitalize(), True) for tag in _TAGS)
    return PageTable("Where the model's numbers come from", tuple(columns), (RowGroup(rows),))


def _create_source_table() -> PageTable:
    """List the measured and derived numbers with their sources."""
    columns = PageColumn("Number"), PageColumn("Default", True), PageColumn("Meaning"), PageColumn("Source")
    groups = tuple(
        RowGroup(
            tuple(
                (
                    format_code(row.id),
                    format_value(row.default),
                    f"{row.meaning} [{row.unit}]",
                    row.source,
                )
                for row in load_register().values()
                if row.tag == tag
            ),
            tag.capitalize(),
        )
        for tag in ("measured", "derived")
    )
    return PageTable("Measured and derived numbers with their sources", columns, groups)


def create_settings_details(scenario: Mapping[str, Any]) -> Details:
    """List every setting of the register in the scenario: its value here, plausible range, tag and source."""
    columns = (
        PageColumn("Setting"),
        PageColumn("Value", True),
        PageColumn("Plausible"),
        PageColumn("Tag"),
        PageColumn("Source"),
    )
    rows = tuple(_create_setting_rows(scenario))
    table = PageTable("Settings of this run with their sources", columns, (RowGroup(rows),))
    return Details(f"All settings of this run with their sources ({len(rows)})", (table,))


def _create_setting_rows(scenario: Mapping[str, Any]) -> Iterator[tuple[Text, ...]]:
    for row in load_register().values():
        found: Any = scenario
        for step in row.id.split("."):
            found = found.get(step) if isinstance(found, dict) else None
        if found is not None:
            plausible = f"{format_value(row.low)} to {format_value(row.high)} {row.unit.replace('_', ' ')}"
            yield format_code(row.id), format_value(found), plausible, row.tag, row.source


def create_origins() -> tuple[Block, ...]:
    """Explain how the results are computed and where the numbers of the model come from."""
    return (
        Paragraph(
            "Every result on this page is counted, week by week and child by child, from the tables in the same "
            "folder."
        ),
        Paragraph(_describe_register()),
        BulletList(tuple(f"{text[0].upper()}{text[1:]}." for text in _TAGS.values())),
        Details(
            "Measured and derived numbers with their sources", (_create_part_table(), _create_source_table())
        ),
    )


def list_limits() -> tuple[Text, ...]:
    """List what no report of cpsim can show."""
    return (
        "Every child, family and agency is invented. The report makes no predictions about any real child or "
        "council.",
        "Official statistics do not show how many children in harm a real system misses: very different rates fit "
        "them equally well. Read the differences between runs, not the level of one run.",
        f"{_describe_register()} A conclusion that depends on guesses must hold over their plausible ranges; "
        "check it with a sweep.",
        "Never read misses alone. A reform that only lowers a threshold protects more children and has more families "
        "assessed without need or harm.",
        "The results include chance between children; they do not include the possibility that the model is wrong.",
    )


def create_instructions(
    introduction: str, command: str, files: Mapping[str, Mapping[str, Any]], provenance: Mapping[str, Any]
) -> tuple[Block, ...]:
    """Explain how to repeat the result.

    Args:
        introduction: what the command does.
        command: the command to type.
        files: settings that the command reads, by file name.
        provenance: seeds, hashes and versions, by name.
    """
    return (
        Paragraph(introduction),
        Command(command),
        _create_provenance_table(provenance),
        *(
            Details(f"The file {name}", (Command(format_scenario_yaml(held)),))
            for name, held in files.items()
        ),
    )


def _create_provenance_table(provenance: Mapping[str, Any]) -> PageTable:
    """List seeds, hashes and versions; time and place are only in `provenance.json`."""
    rows: list[tuple[Text, ...]] = [
        (f"{name[0].upper()}{name[1:]}".replace("_sha256", ", SHA-256"), _format_entry(value))
        for name, value in provenance.items()
        if name.startswith("seed") or name.endswith("sha256") or name == "commit"
    ]
    rows.append(
        ("Versions", ", ".join(f"{name} {version}" for name, version in provenance["versions"].items()))
    )
    return PageTable("Provenance", (PageColumn("Item"), PageColumn("Value")), (RowGroup(tuple(rows)),))


def _format_entry(value: Any) -> Text:
    if isinstance(value, dict):
        return Markup("<br>").join(
            Markup("{} {}").format(isolate_name(name), _format_entry(own)) for name, own in value.items()
        )
    return (
        Markup('<code class="hash">{}</code>').format(value) if len(str(value)) == 64 else format_value(value)
    )
