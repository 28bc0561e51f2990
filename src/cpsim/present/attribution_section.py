"""The section of a run's page with the attribution of misses to stages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cpsim.formatting import UNDEFINED, format_count, format_decimals, format_percent
from cpsim.plot.attribution_readings import readings
from cpsim.present.blocks import BulletList, PageColumn, PageSection, PageTable, Paragraph, RowGroup
from cpsim.present.page_figures import embed_figure
from cpsim.present.phrases import add_changes, format_sentence

if TYPE_CHECKING:
    from cpsim.results.attribution import Attribution

_TITLE = "At which stage risks were missed"
_INTRODUCTION = (
    "Three methods of attributing the same misses, because each answers another question. Ledger: the stage at which "
    "the furthest chain of concern stopped, which is where and not why. But for: the misses that would be averted if "
    "that stage alone were perfect. Shapley: each stage's share of the misses that would be averted if all stages were "
    "perfect."
)


def create_attribution_section(attribution: Attribution) -> PageSection:
    """Create the section: the three methods in sentences, in a figure and in a table."""
    introduction = add_changes(_INTRODUCTION, attribution.provenance, " This attribution was ")
    caption = "The three methods need not agree or add up."
    sentences = tuple(
        format_sentence(sentence, (attribution.scenario,)) for sentence in attribution.describe()
    )
    return PageSection(
        "stages",
        _TITLE,
        (
            Paragraph(introduction),
            BulletList(sentences),
            embed_figure(readings(attribution), _TITLE, _describe_figure(attribution), caption),
            _create_table(attribution),
        ),
    )


def _describe_figure(attribution: Attribution) -> str:
    shares = "; ".join(
        f"{row['stage']}: ledger {format_percent(row['ledger_share'])}, but for "
        f"{format_percent(row['but_for_share'])}, Shapley {format_percent(row['shapley_share'])}"
        for row in attribution.table.to_dict("records")
    )
    missed = format_count(attribution.missed, "spell")
    return f"Three panels of bars, one bar for each stage, as shares of {missed} missed. {shares}."


def _create_table(attribution: Attribution) -> PageTable:
    columns = (
        PageColumn("Stage"), PageColumn("Ledger", True), PageColumn("But for", True), PageColumn("Shapley", True),
        PageColumn("95% interval of Shapley", True), PageColumn("Newly reached", True),
        PageColumn("Newly missed", True),
    )  # fmt: skip
    rows = tuple(
        (
            f"{row['stage'][0].upper()}{row['stage'][1:]} ({row['stops']})",
            format_percent(row["ledger_share"]),
            format_percent(row["but_for_share"]),
            format_percent(row["shapley_share"]),
            _format_interval(row["shapley_low"], row["shapley_high"]),
            format_decimals(row["newly_reached"], 1),
            format_decimals(row["newly_missed"], 1),
        )
        for row in attribution.table.to_dict("records")
    )
    caption = (
        "Shares of misses by stage; spells newly reached and newly missed per seed if it alone were perfect"
    )
    return PageTable(caption, columns, (RowGroup(rows),))


def _format_interval(low: float, high: float) -> str:
    return UNDEFINED if math.isnan(low) else f"{format_percent(low)} to {format_percent(high)}"
