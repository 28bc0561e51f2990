"""The registry of figures: which result a figure shows, which question it answers, and what a page says about it.

A figure is one function with a registration, in a module of this folder. Everything that lists figures reads this
registry: the folders of runs, comparisons and sweeps, their reports, the documentation and the reference images.

>>> from cpsim.plot.registry import FIGURES
>>> FIGURES["run", "cascade"].question
'At which stage was harm missed?'
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from cpsim.present.blocks import PageTable

__all__ = ["FIGURES", "Exhibit", "RegisteredFigure", "figure", "list_figures"]

Shown = Literal["run", "comparison", "arm", "sweep", "story", "attribution"]

_Function = TypeVar("_Function", bound="Callable[..., Figure]")

_LAST: Final = 1000
_IN_REPORTS: Final = ("run", "comparison", "arm")


@dataclass(frozen=True)
class Exhibit:
    """A figure in a report.

    Attributes:
        describe: function from what the figure shows to its text alternative, with its numbers.
        create_table: function from what the figure shows to a table of its numbers; None if the page has its own.
        caption: caption below the figure.
        title: heading of its section; a figure of one arm is below a heading of the arm and needs none.

    >>> exhibit = FIGURES["run", "cascade"].exhibit
    >>> exhibit.title
    'Where risks were missed'
    >>> exhibit.describe(result).partition(".")[0]
    'Bars that step down from all 19 spells of harm to those protected in time'
    """

    describe: Callable[..., str]
    create_table: Callable[..., PageTable] | None
    caption: str
    title: str = ""


@dataclass(frozen=True)
class RegisteredFigure:
    """A figure in the registry.

    Attributes:
        name: its file name without suffix.
        of: what it shows: a run, a comparison, one arm of a comparison, a sweep, a story or an attribution.
        question: the question that it answers.
        draw: the function that draws it.
        content: what it shows, in a few words, for the documentation.
        uncertainty: what its intervals or bands mean; "none" if it has none.
        order: its place among the figures of the same kind; figures of the same place are ordered by name.
        exhibit: how a report presents it; None for a figure of a sweep, a story or an attribution.
        applies: whether a result has what the figure needs.
        section: for a sweep, the table with the numbers of the figure; it is in the section of this table.

    >>> prevalence = FIGURES["comparison", "prevalence"]
    >>> prevalence.question, prevalence.uncertainty
    ('Does it depend on how common harm is?', '95% of each family of tests')
    >>> prevalence.applies(comparison)
    True
    """

    name: str
    of: Shown
    question: str
    draw: Callable[..., Figure]
    content: str
    uncertainty: str
    order: int
    exhibit: Exhibit | None
    applies: Callable[[Any], bool]
    section: str


FIGURES: Final[dict[tuple[Shown, str], RegisteredFigure]] = {}
"""What a figure shows, and its name -> the figure, in the order in which the modules are imported."""


def figure(
    *,
    of: Shown,
    question: str,
    content: str = "",
    uncertainty: str = "none",
    name: str | None = None,
    order: int = _LAST,
    exhibit: Exhibit | None = None,
    applies: Callable[[Any], bool] | None = None,
    section: str | None = None,
    needs: str | None = None,
) -> Callable[[_Function], _Function]:
    """Register a function that draws a result; the arguments are the attributes of `RegisteredFigure`.

    Args:
        of: see `RegisteredFigure`, as for all arguments without a default below.
        question: ends with a question mark.
        content: empty if the question says enough.
        uncertainty: by default "none".
        name: by default the name of the function.
        order: by default after all figures with a place of their own.
        exhibit: required for a figure of a run, a comparison or an arm.
        applies: by default always; for a sweep, if its analysis has the table `needs`.
        section: by default the name.
        needs: by default the section.

    Raises:
        ValueError: a figure of this name is registered already, or has no exhibit although a report shows it.

    >>> from cpsim.plot import style
    >>> def describe(result):
    ...     return f"A histogram of the severity of {len(result.spells)} spells of harm."
    >>> @figure(
    ...     of="run",
    ...     question="How severe was the harm?",
    ...     exhibit=Exhibit(describe, create_table=None, caption="1 is a typical child in need.", title="Severity"),
    ... )
    ... @style.use_style()
    ... def severity(result):
    ...     drawn = style.create_run_figure(result, "How severe was the harm?", "Spells of harm by severity.")
    ...     drawn.add_axes((0.1, 0.1, 0.8, 0.7)).hist(result.spells["severity"], color=style.ORANGE)
    ...     return drawn
    >>> list_figures("run")[-1].name
    'severity'
    >>> severity(result).texts[0].get_text()
    'How severe was the harm?'
    """

    def register(draw: _Function) -> _Function:
        own = name or draw.__name__
        _check_names(of, own, draw)
        if exhibit is None and of in _IN_REPORTS:
            raise ValueError(
                f"the figure {own!r} in {draw.__module__} has no exhibit, which the report needs; add "
                "exhibit=registry.Exhibit(...)"
            )
        table = needs or section or own
        FIGURES[of, own] = RegisteredFigure(
            name=own,
            of=of,
            question=question,
            draw=draw,
            content=content,
            uncertainty=uncertainty,
            order=order,
            exhibit=exhibit,
            applies=applies or (lambda result: of != "sweep" or table in result.tables),
            section=section or own,
        )
        return draw

    return register


def _check_names(of: Shown, name: str, draw: Callable[..., Figure]) -> None:
    """Refuse a second figure with the same file name, or with the same name in `cpsim.plot`."""
    for first in FIGURES.values():
        # An arm's figures are saved in the folder of its comparison.
        same_file = name == first.name and (of == first.of or {of, first.of} == {"arm", "comparison"})
        if same_file or draw.__name__ == first.draw.__name__:
            raise ValueError(
                f"the figure {(name if same_file else draw.__name__)!r} is registered twice, in "
                f"{first.draw.__module__} and in {draw.__module__}; rename one of the two functions"
            )


def list_figures(of: Shown) -> list[RegisteredFigure]:
    """List the figures that show a kind of result, in their order.

    >>> [each.name for each in list_figures("comparison")][:1]
    ['differences']
    """
    return sorted(
        (each for each in FIGURES.values() if each.of == of), key=lambda each: (each.order, each.name)
    )
