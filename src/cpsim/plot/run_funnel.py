"""Figure: the funnel from contacts to child protection plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cpsim.constants import WEEKS_PER_YEAR
from cpsim.formatting import format_decimals, format_percent
from cpsim.plot import registry, style
from cpsim.present import run_findings as found
from cpsim.present.run_terminal import format_period

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results import RunResult


@dataclass(frozen=True)
class _FunnelStep:
    """A step of the funnel.

    Attributes:
        name: label.
        column: column of the weekly table that counts it.
        ratio: name in the summary of its ratio to an earlier step; empty for the first step.
        of: label of that earlier step.
        colour: colour of its bar.
    """

    name: str
    column: str
    ratio: str = ""
    of: str = ""
    colour: str = style.SKY


_STEPS = (
    _FunnelStep("Contacts", "contacts"),
    _FunnelStep("Referrals", "referrals", "contacts_per_referral", "contacts", style.BLUE),
    _FunnelStep("Initial assessments", "initial_started", "referrals_assessed_share", "referrals"),
    _FunnelStep("Core assessments", "core_started", "core_per_initial", "initial assessments"),
    _FunnelStep("Section 47 enquiries", "s47_started", "s47_per_referral", "referrals"),
    _FunnelStep("Child protection conferences", "conferences", "conferences_per_s47", "section 47 enquiries"),
    _FunnelStep("Child protection plans", "plans_started", "plans_per_conference", "conferences"),
)


@registry.figure(
    of="run",
    question="How far does a concern get?",
    content="contacts to child protection plans per 10,000 children a year, with referrals in harm",
    order=30,
    exhibit=registry.Exhibit(
        title="From contact to plan",
        describe=found.describe_funnel,
        create_table=found.create_funnel_table,
        caption="Each bar is a step of casework. The dark part of the bar for referrals shows children in significant "
        "harm in that week.",
    ),
)
@style.use_style()
def funnel(result: RunResult) -> Figure:
    """Draw how many children reach each step, per 10,000 children a year, with the share of referrals in harm.

    >>> funnel(result).texts[0].get_text()
    'How far does a concern get?'
    """
    figure = style.create_run_figure(
        result,
        "How far does a concern get?",
        f"Number at each step per 10,000 children a year, {format_period(result)}.\n{_describe_truth(result)}",
    )
    axes = figure.add_axes((style.LEFT, 0.05, 1 - 2 * style.LEFT, 0.78))
    axes.set_axis_off()
    _draw(axes, result)
    return figure


def _describe_truth(result: RunResult) -> str:
    """Describe how many referrals concern a child in harm, and how many families have neither need nor harm."""
    right, neither = result.summary["referral_ppv"], result.summary["assessed_neither_per_10k_year"]
    if not isinstance(right, float) or not isinstance(neither, float):
        return "No contact became a referral."
    return (
        f"{format_percent(right)} of referrals concern a child in significant harm; "
        f"{format_decimals(neither)} families a year are assessed with neither need nor harm."
    )


def _draw(axes: Axes, result: RunResult) -> None:
    weeks = result.weekly[result.weekly["phase"] == "evaluated"]
    per_10k_year = 10_000 * WEEKS_PER_YEAR / weeks["children"].sum()
    values = [per_10k_year * float(weeks[step.column].sum()) for step in _STEPS]
    widest = max([*values, 1.0])
    axes.set_xlim(-0.42 * widest, 1.25 * widest)
    axes.set_ylim(len(_STEPS) - 0.4, -0.6)
    axes.barh(range(len(_STEPS)), values, height=0.6, color=[step.colour for step in _STEPS])
    for row, (step, value) in enumerate(zip(_STEPS, values, strict=True)):
        axes.text(-0.02 * widest, row, step.name, ha="right", va="center")
        number = axes.annotate(
            format_decimals(value, 0 if value >= 10 else 1),
            (value, row), xytext=(8, 0), textcoords="offset points", va="center", weight="bold", fontsize=15,
        )  # fmt: skip
        axes.annotate(
            _format_share(result, step), (1, 0.5), xycoords=number, xytext=(12, 0), textcoords="offset points",
            va="center", color=style.QUIET,
        )  # fmt: skip
    right = result.summary["referral_ppv"]
    if isinstance(right, float):
        _mark_referrals_in_harm(axes, right * values[1])


def _format_share(result: RunResult, step: _FunnelStep) -> str:
    """Format the share of an earlier step that reaches this one, from the ratio in the summary."""
    ratio = result.summary[step.ratio] if step.ratio else None
    if not isinstance(ratio, float) or ratio == 0:
        return ""
    per_hundred = 100 / ratio if step.ratio == "contacts_per_referral" else 100 * ratio
    return f"{format_decimals(per_hundred)} per 100 {step.of}"


def _mark_referrals_in_harm(axes: Axes, value: float) -> None:
    """Shade the referrals that concern a child in significant harm."""
    axes.barh([1], [value], height=0.6, color=style.INK)
    axes.annotate(
        "in harm",
        (0, 1),
        xytext=(7, 0),
        textcoords="offset points",
        va="center",
        color=style.PAPER,
        fontsize=11,
    )
