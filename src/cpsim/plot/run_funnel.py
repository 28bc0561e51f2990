"""Figure: the funnel from contacts to plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cpsim.plot import style
from cpsim.results.printed import percent, period

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results import RunResult


@dataclass(frozen=True)
class _Step:
    """A step on the way: its weekly column, and how many of an earlier step come to it."""

    name: str
    column: str
    ratio: str = ""
    of: str = ""
    colour: str = style.SKY


_STEPS = (
    _Step("Contacts", "contacts"),
    _Step("Referrals", "referrals", "contacts_per_referral", "contacts", style.BLUE),
    _Step("Initial assessments", "initial_started", "initial_assessments_per_referral", "referrals"),
    _Step("Core assessments", "core_started", "core_per_initial", "initial assessments"),
    _Step("Section 47 enquiries", "s47_started", "s47_per_referral", "referrals"),
    _Step("Child protection conferences", "conferences", "conferences_per_s47", "section 47 enquiries"),
    _Step("Child protection plans", "plans_started", "plans_per_conference", "conferences"),
)


@style.styled()
def funnel(result: RunResult) -> Figure:
    """Draw how many children reach each step a year, how many of the step before, and how many alarms are false."""
    figure = style.titled(
        result,
        "How far does a concern get?",
        f"How many reach each step in a year for every 10,000 children, {period(result)}.\n{_alarms(result)}",
    )
    axes = figure.add_axes((style.LEFT, 0.05, 1 - 2 * style.LEFT, 0.78))
    axes.set_axis_off()
    _draw(axes, result)
    return figure


def _alarms(result: RunResult) -> str:
    """What the numbers hide: alarms for nothing."""
    right, alarmed = result.summary["referral_ppv"], result.summary["false_alarm_families_per_10k_year"]
    if not isinstance(right, float) or not isinstance(alarmed, float):
        return "Nothing was referred."
    return (
        f"{percent(right)} of referrals name a child in significant harm; "
        f"{alarmed:,.0f} families a year are assessed while no child of theirs is."
    )


def _draw(axes: Axes, result: RunResult) -> None:
    weeks = result.weekly[result.weekly["phase"] == "evaluated"]
    per_10k_year = 10_000 * 52 / weeks["children"].sum()
    values = [per_10k_year * float(weeks[step.column].sum()) for step in _STEPS]
    widest = max([*values, 1.0])
    axes.set_xlim(-0.42 * widest, 1.25 * widest)
    axes.set_ylim(len(_STEPS) - 0.4, -0.6)
    axes.barh(range(len(_STEPS)), values, height=0.6, color=[step.colour for step in _STEPS])
    for row, (step, value) in enumerate(zip(_STEPS, values, strict=True)):
        axes.text(-0.02 * widest, row, step.name, ha="right", va="center")
        number = axes.annotate(
            f"{value:,.0f}" if value >= 10 else f"{value:.1f}",
            (value, row), xytext=(8, 0), textcoords="offset points", va="center", weight="bold", fontsize=15,
        )  # fmt: skip
        axes.annotate(
            _share(result, step), (1, 0.5), xycoords=number, xytext=(12, 0), textcoords="offset points",
            va="center", color=style.QUIET,
        )  # fmt: skip
    right = result.summary["referral_ppv"]
    if isinstance(right, float):
        _mark_true(axes, right * values[1])


def _share(result: RunResult, step: _Step) -> str:
    """How many of an earlier step come to this one, with the same number as the summary."""
    ratio = result.summary[step.ratio] if step.ratio else None
    if not isinstance(ratio, float) or ratio == 0:
        return ""
    of_hundred = 100 / ratio if step.ratio == "contacts_per_referral" else 100 * ratio
    return f"{of_hundred:.0f} for every 100 {step.of}"


def _mark_true(axes: Axes, true: float) -> None:
    """Shade those referrals that name a child in significant harm."""
    axes.barh([1], [true], height=0.6, color=style.INK)
    axes.annotate(
        "in harm",
        (0, 1),
        xytext=(7, 0),
        textcoords="offset points",
        va="center",
        color=style.PAPER,
        fontsize=11,
    )
