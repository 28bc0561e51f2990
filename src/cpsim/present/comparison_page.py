"""The report of a comparison.

In the example, `comparison` is a `Comparison` of three arms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from cpsim.formatting import (
    find_grain,
    format_count,
    format_day,
    format_difference,
    format_interval,
    format_list,
    format_outcome,
)
from cpsim.measures.outcomes import OUTCOMES, list_first_headlines
from cpsim.plot.figures import list_comparison_figures, name_arm_figure
from cpsim.plot.registry import FIGURES, list_figures
from cpsim.present import comparison_findings as found
from cpsim.present.blocks import (
    BulletList,
    Command,
    Details,
    Heading,
    Lead,
    Note,
    NumberTile,
    NumberTiles,
    Page,
    PageSection,
    Paragraph,
    TwoColumns,
)
from cpsim.present.comparison_answer import (
    create_answer,
    describe_arms,
    describe_limits,
    name_arm,
    select_arm,
)
from cpsim.present.origins import create_instructions, create_origins, list_limits
from cpsim.present.page_figures import embed_figure
from cpsim.present.page_html import render_page
from cpsim.present.phrases import add_changes, find_question, format_sentence, isolate_name
from cpsim.present.reach import create_reach_blocks, list_equal_arms
from cpsim.present.run_terminal import CAUTION
from cpsim.present.setting import create_settings_of_arms
from cpsim.present.terms import create_terms, link_term
from cpsim.present.tones import choose_tone
from cpsim.results.carried import replace_network
from cpsim.results.verdicts import CANNOT_BE_SAID, HIGHER, LOWER, NOT_SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.figure import Figure

    from cpsim.plot.saving import DrawnFigure
    from cpsim.present.blocks import Block, PageFigure, Text
    from cpsim.present.comparison_answer import Answer
    from cpsim.results.comparison import Comparison

__all__ = ["render_comparison_page"]

_FIRST = "differences"
"""The figure that has its own section, with a table for each arm."""

_ELSEWHERE = ("answer", "why")
"""Figures of an arm that are not in the section on spells newly reached and newly missed."""

_TILES = ("missed_risk_rate", "missed_on_file_share", "assessed_neither_per_10k_year")
_LOAD_AND_COST = list_first_headlines(("Workload", "Money"))
"""Outcomes in large type on the first screen."""

_AGAIN = "In the folder of this page and with the same version of cpsim, this command gives the same numbers:"


def render_comparison_page(
    comparison: Comparison, figures: Mapping[str, Figure | DrawnFigure] | None = None
) -> str:
    """Return the report of a comparison as the HTML of a self-contained page.

    Args:
        comparison: the comparison.
        figures: its figures by the names of `cpsim.plot.figures.list_comparison_figures`; drawn if omitted.

    >>> page = render_comparison_page(comparison, figures={})
    >>> page.startswith("<!DOCTYPE html>"), "What changed, what did not, and at what price" in page
    (True, True)
    """
    if figures is None:
        figures = {name: draw() for name, draw in list_comparison_figures(comparison).items()}
    return render_page(_create_page(comparison, figures))


def _create_page(comparison: Comparison, figures: Mapping[str, Figure | DrawnFigure]) -> Page:
    limits = tuple(format_sentence(sentence, comparison.arms) for sentence in describe_limits(comparison))
    answers = [create_answer(comparison, arm) for arm in comparison.others]
    return Page(
        kind="Comparison",
        name=f"{format_list(comparison.others)} compared with {comparison.reference}",
        about=add_changes(_describe_runs(comparison), comparison.provenance),
        title=_create_title(comparison),
        answer=tuple(_create_first_screen(comparison, answers, figures)),
        sections=(
            PageSection(
                "changes",
                "What changed, what did not, and at what price",
                tuple(_create_change_blocks(comparison, answers, figures)),
            ),
            PageSection("differences", "What differs", tuple(_create_difference_blocks(comparison, figures))),
            *_create_sections(comparison, figures),
            PageSection("setting", "The settings", create_settings_of_arms(_select_scenarios(comparison))),
            PageSection("reach", "What each event can do", tuple(_create_reach_blocks(comparison))),
            PageSection("numbers", "The numbers", tuple(_create_numbers(comparison))),
            PageSection("terms", "What the words mean", create_terms(_list_terms(comparison))),
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


def _create_first_screen(
    comparison: Comparison, answers: list[Answer], figures: Mapping[str, Figure | DrawnFigure]
) -> Iterator[Block]:
    """Yield the answer, its numbers and its picture; with several arms, a sentence for each and their picture."""
    first, *others = answers
    if others:
        yield Lead(_write(comparison, describe_arms(comparison)))
        yield BulletList(tuple(_write(comparison, name_arm(each.arm, each.lead)) for each in answers))
        yield Note(_write(comparison, first.seeds))
        yield from _embed(comparison, figures, "differences")
        return
    yield Lead(_write(comparison, first.lead))
    notes = " ".join(filter(None, (first.note, first.seeds, *first.caution)))
    if notes:
        yield Note(_write(comparison, notes))
    if not first.unmoved and not first.price:
        return
    yield NumberTiles(tuple(_create_tiles(comparison, first.arm)))
    picture = tuple(_embed_of_arm(comparison, first.arm, figures, "answer"))
    side = tuple(_create_side_column(comparison, first))
    yield TwoColumns(picture, side) if picture else TwoColumns(side, ())


def _create_side_column(comparison: Comparison, answer: Answer) -> Iterator[Block]:
    """Yield what the events of an arm do, and for how many spells the arm makes a difference."""
    if answer.reach:
        yield Heading("What it can do here", 2)
        yield from (Paragraph(_write(comparison, line)) for line in answer.reach)
    if answer.whom:
        yield Heading("For whom", 2)
        yield Paragraph(_write(comparison, answer.whom))
        if comparison.reference in comparison.scenarios:
            yield Paragraph(
                Markup(
                    'The section <a href="#whom">for whom</a> has more, and how to read one child’s story.'
                )
            )


def _create_tiles(comparison: Comparison, arm: str) -> Iterator[NumberTile]:
    """Yield the primary outcome and first headlines of an arm: level, change and interval, and whether it is shown."""
    rows = select_arm(comparison, arm)
    verdicts = {name: str(row["verdict"]) for name, row in rows.items()}
    for name in dict.fromkeys((comparison.primary, *_TILES)):
        yield NumberTile(
            link_term(name),
            Markup('{} <span class="unit">{}</span>').format(
                format_outcome(name, rows[name]["mean"]), OUTCOMES[name.partition(".")[0]].axis
            ),
            tuple(_describe_tile(rows[name])),
            choose_tone(name, verdicts),
        )
    load, cost = (rows[name] for name in _LOAD_AND_COST)
    yield NumberTile(
        Markup(" · ").join(map(link_term, _LOAD_AND_COST)),
        " · ".join(format_outcome(name, rows[name]["mean"]) for name in _LOAD_AND_COST),
        tuple(" ".join(_describe_tile(row)) for row in (load, cost)),
    )


def _describe_tile(row: Mapping[Any, Any]) -> Iterator[str]:
    """Yield the change of an outcome and its interval, or that none was shown, a line each."""
    name = str(row["outcome"])
    half = find_grain(row["low"], row["high"])
    if row["verdict"] in (HIGHER, LOWER):
        yield format_difference(name, row["difference"], half)
        yield f"({format_interval(name, row['low'], row['high'], half, unit=False)})"
    elif row["verdict"] == NOT_SHOWN:
        yield NOT_SHOWN
        yield f"({format_interval(name, row['low'], row['high'], half)})"
    else:
        yield CANNOT_BE_SAID


def _create_change_blocks(
    comparison: Comparison, answers: list[Answer], figures: Mapping[str, Figure | DrawnFigure]
) -> Iterator[Block]:
    """Yield for each arm what it touches, what moved, what did not and the price, then why."""
    for answer in answers:
        if len(answers) > 1:
            yield Heading(isolate_name(answer.arm))
        sentences = (*answer.touched, *answer.moved, answer.unmoved, *answer.price, answer.prevalences)
        shown = [sentence for sentence in sentences if sentence]
        if not shown:
            yield Paragraph(_write(comparison, answer.lead))
            continue
        if len(answers) > 1:  # with one arm, the figure is on the first screen
            yield from _embed_of_arm(comparison, answer.arm, figures, "answer")
        yield BulletList(tuple(_write(comparison, sentence) for sentence in shown))
        why = tuple(_embed_of_arm(comparison, answer.arm, figures, "why"))
        if why:
            yield Details("Why: the effect from contacts to protection, step by step", why)
    for sentence in list_equal_arms(comparison.scenarios):
        yield Paragraph(_write(comparison, sentence))


def _write(comparison: Comparison, sentence: str) -> Text:
    return format_sentence(sentence, comparison.arms)


def _embed(
    comparison: Comparison, figures: Mapping[str, Figure | DrawnFigure], name: str
) -> Iterator[PageFigure]:
    """Yield a figure of the comparison, if it was drawn."""
    exhibit = FIGURES["comparison", name].exhibit
    if name in figures and exhibit is not None:
        yield embed_figure(figures[name], exhibit.title, exhibit.describe(comparison), exhibit.caption)


def _embed_of_arm(
    comparison: Comparison, arm: str, figures: Mapping[str, Figure | DrawnFigure], name: str
) -> Iterator[PageFigure]:
    """Yield a figure of an arm, if it was drawn."""
    figure = figures.get(name_arm_figure(comparison, arm, name))
    exhibit = FIGURES["arm", name].exhibit if ("arm", name) in FIGURES else None
    if figure is not None and exhibit is not None:
        yield embed_figure(
            figure, exhibit.title or f"{name}: {arm}", exhibit.describe(comparison, arm), exhibit.caption
        )


def _list_terms(comparison: Comparison) -> list[str]:
    """List the outcomes that the page names, without their parts."""
    return sorted({str(name).partition(".")[0] for name in comparison.differences["outcome"].unique()})


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
    question = find_question(comparison.scenarios)
    if question:
        return isolate_name(question)
    return format_sentence(
        f"What changes, for whom and at what cost, under {format_list(comparison.others)} instead of "
        f"{comparison.reference}?",
        comparison.arms,
    )


def _create_sections(
    comparison: Comparison, figures: Mapping[str, Figure | DrawnFigure]
) -> Iterator[PageSection]:
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
    story = tuple(_create_story_blocks(comparison))
    yield PageSection("whom", "For whom: spells newly reached and newly missed", (*children, *story))


def _create_difference_blocks(
    comparison: Comparison, figures: Mapping[str, Figure | DrawnFigure]
) -> Iterator[Block]:
    if len(comparison.others) == 1:  # with several arms, the figure is on the first screen
        yield from _embed(comparison, figures, _FIRST)
    for arm in comparison.others:
        yield found.create_difference_table(comparison, arm)


def _create_children_blocks(
    comparison: Comparison, arm: str, figures: Mapping[str, Figure | DrawnFigure]
) -> Iterator[Block]:
    if len(comparison.others) > 1:
        yield Heading(isolate_name(arm))
    for each in (each for each in list_figures("arm") if each.name not in _ELSEWHERE):
        figure, exhibit = figures.get(name_arm_figure(comparison, arm, each.name)), each.exhibit
        has_flows = len(comparison.flows[comparison.flows["arm"] == arm]) > 0
        if figure is not None and exhibit is not None and has_flows:
            alternative = exhibit.describe(comparison, arm)
            yield embed_figure(figure, f"{each.name}: {arm}", alternative, exhibit.caption)
            if exhibit.create_table is not None:
                yield exhibit.create_table(comparison, arm)


def _create_story_blocks(comparison: Comparison) -> Iterator[Block]:
    """Yield the command that shows the story of one child under the reference and an arm, side by side."""
    files = list(comparison.list_scenario_files().values())
    if any(pairing != "seed" for pairing in comparison.pairing.values()):
        yield Paragraph(
            "In the folder of this page, this command shows one child whose spell is newly reached, under both "
            "scenarios; newly-missed shows one that is newly missed:"
        )
        yield Command(f"cpsim story {files[0]} {files[1]} --find newly-reached --seed {comparison.seeds[0]}")


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
    number = f"--seeds {len(seeds)}" if comparison.pilot is None else f"--most-seeds {len(seeds)}"
    return f"cpsim compare {' '.join(files)} {number} {prevalences}"
