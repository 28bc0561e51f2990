"""The report of a comparison.

In the example, `comparison` is a `Comparison` of three arms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cpsim.formatting import format_count, format_day, format_list
from cpsim.plot.figures import list_comparison_figures, name_arm_figure
from cpsim.plot.registry import FIGURES, list_figures
from cpsim.present import comparison_findings as found
from cpsim.present.blocks import BulletList, Details, Heading, Lead, Page, PageSection, Paragraph
from cpsim.present.comparison_sentences import describe_arm, describe_limits
from cpsim.present.origins import create_instructions, create_origins, list_limits
from cpsim.present.page_figures import embed_figure
from cpsim.present.page_html import render_page
from cpsim.present.phrases import add_changes, format_sentence, isolate_name
from cpsim.present.reach import create_reach_blocks, list_equal_arms
from cpsim.present.run_terminal import CAUTION
from cpsim.present.setting import create_settings_of_arms
from cpsim.results.carried import replace_network

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.figure import Figure

    from cpsim.plot.saving import DrawnFigure
    from cpsim.present.blocks import Block, Text
    from cpsim.results.comparison import Comparison

__all__ = ["render_comparison_page"]

_FIRST = "differences"
"""The figure that has its own section, with a table for each arm."""

_AGAIN = "In the folder of this page and with the same version of cpsim, this command gives the same numbers:"


def render_comparison_page(
    comparison: Comparison, figures: Mapping[str, Figure | DrawnFigure] | None = None
) -> str:
    """Return the report of a comparison as the HTML of a self-contained page.

    Args:
        comparison: the comparison.
        figures: its figures by the names of `cpsim.plot.figures.list_comparison_figures`; drawn if omitted.

    >>> page = render_comparison_page(comparison, figures={})
    >>> page.startswith("<!DOCTYPE html>"), "Report of a comparison" in page
    (True, True)
    """
    if figures is None:
        figures = {name: draw() for name, draw in list_comparison_figures(comparison).items()}
    return render_page(_create_page(comparison, figures))


def _create_page(comparison: Comparison, figures: Mapping[str, Figure | DrawnFigure]) -> Page:
    limits = tuple(format_sentence(sentence, comparison.arms) for sentence in describe_limits(comparison))
    return Page(
        kind="Report of a comparison",
        name=f"{format_list(comparison.others)} against {comparison.reference}",
        about=add_changes(_describe_runs(comparison), comparison.provenance),
        title=_create_title(comparison),
        answer=tuple(_create_lead(comparison)),
        sections=(
            PageSection("answer", "The answer in brief", tuple(_create_answers(comparison))),
            PageSection("setting", "The settings", create_settings_of_arms(_select_scenarios(comparison))),
            PageSection("reach", "What each event can do", tuple(_create_reach_blocks(comparison))),
            *_create_sections(comparison, figures),
            PageSection("numbers", "The numbers", tuple(_create_numbers(comparison))),
            PageSection("origins", "Where the numbers come from", create_origins()),
            PageSection(
                "limits",
                "What this cannot show",
                (BulletList((*limits, *list_limits()[1:2], *list_limits()[3:])),),
            ),
            PageSection("repeat", "How to repeat the comparison", _create_repeat_blocks(comparison)),
        ),
        version=comparison.provenance["versions"]["cpsim"],
        caution=CAUTION,
    )


def _create_reach_blocks(comparison: Comparison) -> Iterator[Block]:
    """Yield what the events of each arm can do, once for each distinct timeline."""
    shown: list[object] = []
    for arm, scenario in comparison.scenarios.items():
        timeline = scenario["timeline"]
        blocks = () if timeline in shown else create_reach_blocks(scenario)
        if blocks:
            shown.append(timeline)
            yield Heading(isolate_name(arm))
            yield from blocks


def _describe_runs(comparison: Comparison) -> str:
    clock = comparison.scenarios[comparison.reference]["clock"]
    return (
        f"{format_count(len(comparison.arms), 'scenario')} on the same "
        f"{format_count(len(comparison.seeds), 'seed')}, {format_count(clock['years'], 'year')} from "
        f"{format_day(clock['start'])}"
    )


def _create_title(comparison: Comparison) -> Text:
    """Return the question of the first scenario that is compared, unless it is only inherited from the reference."""
    asked = comparison.scenarios[comparison.reference].get("question")
    own = (comparison.scenarios[arm].get("question") for arm in comparison.others)
    question = next((str(text) for text in own if text and text != asked), "")
    if question:
        return isolate_name(question)
    return format_sentence(
        f"What changes, for whom and at what cost, under {format_list(comparison.others)} instead of "
        f"{comparison.reference}?",
        comparison.arms,
    )


def _describe_children(comparison: Comparison) -> str:
    if "seed" in comparison.pairing.values():
        return "Not all of them have the same children, so a difference is not due to the system alone."
    return (
        "The same seed gives the same children under every scenario, so a difference is due to the scenarios."
    )


def _create_lead(comparison: Comparison) -> Iterator[Block]:
    yield Lead(format_sentence(comparison.describe()[0], comparison.arms))


def _create_answers(comparison: Comparison) -> Iterator[Block]:
    for arm in comparison.others:
        first, *others = describe_arm(comparison, arm)
        if len(comparison.others) > 1:
            yield Heading(isolate_name(arm))
        yield Paragraph(format_sentence(first, comparison.arms))
        if others:
            yield BulletList(tuple(format_sentence(sentence, comparison.arms) for sentence in others))
    for sentence in list_equal_arms(comparison.scenarios):
        yield Paragraph(format_sentence(sentence, comparison.arms))


def _create_sections(
    comparison: Comparison, figures: Mapping[str, Figure | DrawnFigure]
) -> Iterator[PageSection]:
    yield PageSection("differences", "What differs", tuple(_create_difference_blocks(comparison, figures)))
    for each in list_figures("comparison"):
        if each.name in figures and each.name != _FIRST and each.exhibit is not None:
            exhibit = each.exhibit
            figure = embed_figure(
                figures[each.name], exhibit.title, exhibit.describe(comparison), exhibit.caption
            )
            table = None if exhibit.create_table is None else exhibit.create_table(comparison)
            details = () if table is None else (Details(table.caption, (table,)),)
            yield PageSection(each.name.replace("_", "-"), exhibit.title, (figure, *details))
    children = tuple(
        block for arm in comparison.others for block in _create_children_blocks(comparison, arm, figures)
    )
    yield PageSection("whom", "For whom: children newly reached and newly missed", children)


def _create_difference_blocks(
    comparison: Comparison, figures: Mapping[str, Figure | DrawnFigure]
) -> Iterator[Block]:
    exhibit = FIGURES["comparison", _FIRST].exhibit
    if _FIRST in figures and exhibit is not None:
        yield embed_figure(figures[_FIRST], exhibit.title, exhibit.describe(comparison), exhibit.caption)
    for arm in comparison.others:
        yield found.create_difference_table(comparison, arm)


def _create_children_blocks(
    comparison: Comparison, arm: str, figures: Mapping[str, Figure | DrawnFigure]
) -> Iterator[Block]:
    if len(comparison.others) > 1:
        yield Heading(isolate_name(arm))
    for each in list_figures("arm"):
        figure, exhibit = figures.get(name_arm_figure(comparison, arm, each.name)), each.exhibit
        has_flows = len(comparison.flows[comparison.flows["arm"] == arm]) > 0
        if figure is not None and exhibit is not None and has_flows:
            alternative = exhibit.describe(comparison, arm)
            yield embed_figure(figure, f"{each.name}: {arm}", alternative, exhibit.caption)
            if exhibit.create_table is not None:
                yield exhibit.create_table(comparison, arm)


def _create_numbers(comparison: Comparison) -> Iterator[Block]:
    yield Paragraph("Means over seeds, and differences between runs of the same seed.")
    for arm in comparison.others:
        table = found.create_full_difference_table(comparison, arm)
        yield Details(table.caption, (table,))


def _select_scenarios(comparison: Comparison) -> dict[str, dict[str, Any]]:
    """Return the scenarios by arm as in their files, which name the copies of the user's own networks."""
    files = comparison.list_scenario_files()
    return {
        arm: replace_network(scenario, files[arm].replace(".yaml", ".graphml").rpartition("/")[2])
        for arm, scenario in comparison.scenarios.items()
    }


def _create_repeat_blocks(comparison: Comparison) -> tuple[Block, ...]:
    files = comparison.list_scenario_files()
    contents = {files[arm]: scenario for arm, scenario in _select_scenarios(comparison).items()}
    provenance = {"seeds": ", ".join(map(str, comparison.seeds)), **comparison.provenance}
    return create_instructions(_AGAIN, _format_command(comparison), contents, provenance)


def _format_command(comparison: Comparison) -> str:
    """Return the command that repeats the comparison; in Python if the seeds are not 1 to their number."""
    files, seeds = list(comparison.list_scenario_files().values()), comparison.seeds
    shares = [share for share in comparison.prevalences if share is not None]
    if seeds != tuple(range(1, len(seeds) + 1)):
        return f"cpsim.compare(*{files}, seeds={list(seeds)}, prevalences={shares})"
    prevalences = (
        f"--prevalence {','.join(f'{100 * share:g}' for share in shares)}" if shares else "--no-prevalence"
    )
    return f"cpsim compare {' '.join(files)} --seeds {len(seeds)} {prevalences}"
