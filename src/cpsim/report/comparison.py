"""The page of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cpsim.plot.figures import of_comparison
from cpsim.report import comparison_found as found
from cpsim.report.blocks import Fold, Heading, Lead, Page, Paragraph, Points, Section
from cpsim.report.html import html
from cpsim.report.origins import limits, origins, repeated
from cpsim.report.pictures import picture
from cpsim.report.setting import settings_of_arms
from cpsim.report.words import count, day, listed, named, with_names
from cpsim.results.carried import with_network
from cpsim.results.comparison_words import limits as unsaid
from cpsim.results.comparison_words import of_arm
from cpsim.results.printed import CAUTION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from matplotlib.figure import Figure

    from cpsim.report.blocks import Block, Table
    from cpsim.results.comparison import Comparison

_OF_ALL: dict[str, tuple[str, Callable[[Comparison], str], Callable[[Comparison], Table], str]] = {
    "trade_off": (
        "Fewer misses, or only more alarms?", found.shows_trade_off, found.levels,
        "Down and to the left is better for everybody. Whoever only lowers a threshold moves down and to the right.",
    ),
    "prevalence": (
        "Does it hang on how much harm there is?", found.shows_prevalence, found.at_each_prevalence,
        "Nobody knows how many children are in significant harm. An answer that does not hang on it is worth more.",
    ),
}  # fmt: skip

_OF_ARM: dict[str, tuple[Callable[[Comparison, str], str], Callable[[Comparison, str], Table], str]] = {
    "flow": (
        found.shows_flow, found.moved,
        "The same spells of harm, twice: on the left what became of them under the first scenario, on the right under "
        "the other.",
    ),
    "children": (
        found.shows_children, found.turned,
        "A good policy also loses some children whom the old one found: queues, trust and thresholds couple them.",
    ),
}  # fmt: skip

_AGAIN = "In the folder of this page, with the same version of cpsim, this gives the same numbers:"


def comparison_page(comparison: Comparison, figures: Mapping[str, Figure] | None = None) -> str:
    """The report of a comparison: the complete text of a page that needs no other file.

    Args:
        comparison: what the runs have left behind.
        figures: its figures by the names of `cpsim.plot.figures.of_comparison`; drawn if they are left out.
    """
    drawn = {name: draw() for name, draw in of_comparison(comparison).items()} if figures is None else figures
    return html(_page(comparison, drawn))


def _page(comparison: Comparison, figures: Mapping[str, Figure]) -> Page:
    unsaid_here = tuple(with_names(sentence, comparison.arms) for sentence in unsaid(comparison))
    return Page(
        kind="Report of a comparison",
        title=f"{listed(comparison.others)} against {comparison.reference}",
        about=_about(comparison),
        sections=(
            Section("question", "The question", tuple(_questions(comparison))),
            Section("answer", "The answer in short", tuple(_answers(comparison))),
            Section("setting", "The settings", settings_of_arms(_scenarios(comparison))),
            *_sections(comparison, figures),
            Section("numbers", "The numbers", tuple(_every_number(comparison))),
            Section("origins", "Where the numbers come from", origins()),
            Section(
                "limits", "What this cannot show", (Points((*unsaid_here, *limits()[1:2], *limits()[3:])),)
            ),
            Section("repeat", "How to repeat it", _repeated(comparison)),
        ),
        version=comparison.provenance["versions"]["cpsim"],
        caution=CAUTION,
    )


def _about(comparison: Comparison) -> str:
    clock = comparison.scenarios[comparison.reference]["clock"]
    return (
        f"{count(len(comparison.arms), 'scenario')} on the same {count(len(comparison.seeds), 'seed')}, "
        f"{count(clock['years'], 'year')} from {day(clock['start'])}"
    )


def _questions(comparison: Comparison) -> Iterator[Block]:
    """What the scenarios ask, each question once."""
    asked = {
        str(scenario["question"]) for scenario in comparison.scenarios.values() if scenario.get("question")
    }
    in_order = dict.fromkeys(str(scenario.get("question")) for scenario in comparison.scenarios.values())
    for question in in_order:
        if question in asked:
            yield Lead(named(question))
    yield Paragraph(
        with_names(
            f"What changes, for whom and at what price, when {listed(comparison.others)} "
            f"{'takes' if len(comparison.others) == 1 else 'take'} the place of {comparison.reference}? The same seed "
            "grows the same children under every scenario, so that a difference is due to the scenarios.",
            comparison.arms,
        )
    )


def _answers(comparison: Comparison) -> Iterator[Block]:
    for arm in comparison.others:
        first, *others = of_arm(comparison, arm)
        if len(comparison.others) > 1:
            yield Heading(named(arm))
        yield Lead(with_names(first, comparison.arms))
        if others:
            yield Points(tuple(with_names(sentence, comparison.arms) for sentence in others))


def _sections(comparison: Comparison, figures: Mapping[str, Figure]) -> Iterator[Section]:
    yield Section("differences", "What differs", tuple(_differences(comparison, figures)))
    for name, (title, shows, numbers, caption) in _OF_ALL.items():
        if name in figures:
            shown = picture(figures[name], title, shows(comparison), caption)
            table = numbers(comparison)
            yield Section(name.replace("_", "-"), title, (shown, Fold(table.caption, (table,))))
    whom = tuple(block for arm in comparison.others for block in _whom(comparison, arm, figures))
    yield Section("whom", "For whom: rescued and lost", whom)


def _differences(comparison: Comparison, figures: Mapping[str, Figure]) -> Iterator[Block]:
    if "differences" in figures:
        yield picture(
            figures["differences"], "What differs", found.shows_differences(comparison),
            "How much higher or lower each outcome is than in the reference; the number at a dot is its level. Whether "
            "a difference is shown takes into account how many are judged.",
        )  # fmt: skip
    for arm in comparison.others:
        yield found.differences(comparison, arm)


def _whom(comparison: Comparison, arm: str, figures: Mapping[str, Figure]) -> Iterator[Block]:
    several = len(comparison.others) > 1
    if several:
        yield Heading(named(arm))
    for name, (shows, numbers, caption) in _OF_ARM.items():
        figure = figures.get(f"{name}_{comparison.others.index(arm) + 1}" if several else name)
        if figure is not None and len(comparison.flows[comparison.flows["arm"] == arm]):
            yield picture(figure, f"{name}: {arm}", shows(comparison, arm), caption)
            yield numbers(comparison, arm)


def _every_number(comparison: Comparison) -> Iterator[Block]:
    yield Paragraph("Means over seeds, and the difference from pair to pair of runs of the same seed.")
    for arm in comparison.others:
        table = found.every_difference(comparison, arm)
        yield Fold(table.caption, (table,))


def _scenarios(comparison: Comparison) -> dict[str, dict[str, Any]]:
    """The scenarios by arm as their files hold them: a network of the user's own is the copy beside them."""
    files = comparison.scenario_files()
    return {
        arm: with_network(scenario, files[arm].replace(".yaml", ".graphml").rpartition("/")[2])
        for arm, scenario in comparison.scenarios.items()
    }


def _repeated(comparison: Comparison) -> tuple[Block, ...]:
    files = comparison.scenario_files()
    held = {files[arm]: scenario for arm, scenario in _scenarios(comparison).items()}
    told = {"seeds": ", ".join(map(str, comparison.seeds)), **comparison.provenance}
    return repeated(_AGAIN, _command(comparison), held, told)


def _command(comparison: Comparison) -> str:
    """What to type; Python where the seeds are others than 1 to so many."""
    files, seeds = list(comparison.scenario_files().values()), comparison.seeds
    shares = [share for share in comparison.prevalences if share is not None]
    if seeds != tuple(range(1, len(seeds) + 1)):
        return f"cpsim.compare(*{files}, seeds={list(seeds)}, prevalences={shares})"
    percent = (
        f"--prevalence {','.join(f'{100 * share:g}' for share in shares)}" if shares else "--no-prevalence"
    )
    return f"cpsim compare {' '.join(files)} --seeds {len(seeds)} {percent}"
