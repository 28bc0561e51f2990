"""Figure: one child's story with a lane for each agency; several scenarios are side by side."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

import matplotlib.dates as mdates
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from cpsim.constants import SOCIAL_CARE
from cpsim.formatting import format_day, format_decimals
from cpsim.plot import registry, style
from cpsim.present.story_sentences import CARE, describe_pooled_evidence
from cpsim.results.names import RESULTS
from cpsim.results.story import Stories

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results.story import Jigsaw, Message, Spell, Story

_COLUMN, _MARGIN = 9.4, 2.0
"""Widths in inches: a story, and the margin with the names of the lanes."""
_HEAD, _LANE, _STRIP, _FOOT, _PIECE = 2.2, 0.78, 0.42, 1.28, 0.25
"""Heights in inches: title, lane of an agency, strip, legend, and row of the panel of evidence."""
_ROOM_FOR_SEVERITY: Final = 12
"""Width in weeks of the label of a spell of harm."""
_ROOM: Final = 0.78
"""Share of a lane's height for evidence; signs are drawn above it."""

_STAGE_COLOURS: Final = {
    "waiting": style.FAINT, "core_waiting": style.FAINT, "conference": style.FAINT,
    "initial": style.SKY, "core": style.SKY, "enquiry": style.SKY,
    "in_need": style.YELLOW, "plan": style.BLUE, "care": style.PURPLE,
}  # fmt: skip


@dataclass(frozen=True)
class _Lanes:
    """Vertical layout of a story, in inches above the lowest strip.

    Attributes:
        kinds: kinds of agency from top to bottom, the front door last.
        scale: inches per unit of log-odds.
    """

    kinds: tuple[str, ...]
    scale: float

    @property
    def height(self) -> float:
        """Height of all lanes and strips."""
        return 3 * _STRIP + _LANE * len(self.kinds)

    def find_bottom(self, kind: str) -> float:
        """Find the height of the bottom of a lane."""
        return 2 * _STRIP + _LANE * (len(self.kinds) - 1 - self.kinds.index(kind))

    def place_evidence(self, kind: str, evidence: float) -> float:
        """Find the height of a value of evidence in a lane, limited to the lane."""
        return self.find_bottom(kind) + min(self.scale * max(evidence, 0.0), 0.96 * _LANE)

    @property
    def harm(self) -> float:
        """Bottom of the strip of harm, the uppermost one."""
        return self.height - _STRIP


@registry.figure(
    of="story",
    question="Who noticed what, and what was shared?",
    order=10,
)
@style.use_style()
def timeline(*stories: Story) -> Figure:
    """Draw one child's story, or several stories of the same child side by side.

    Each agency has a lane with its evidence on file against its threshold, signs noticed and not noticed, and messages
    to the front door. Above is the harm; below are the work of children's social care and the weeks of protection; at
    the bottom is the evidence that each agency held in the week that counts.

    Args:
        *stories: at least one story; all of the same child.

    Raises:
        ValueError: no story is given.

    >>> timeline(*stories).texts[0].get_text()
    'Who noticed what, and what was shared?'
    """
    if not stories:
        raise ValueError("no story to draw; give at least one, such as plot.timeline(story)")
    lanes = _arrange_lanes(stories)
    rows = max(0 if story.jigsaw is None else len(story.jigsaw.pieces) + 1 for story in stories)
    below = 0.7 + _PIECE * rows if rows else 0.0
    width, height = _MARGIN + _COLUMN * len(stories) + 0.4, _HEAD + lanes.height + 0.5 + below + _FOOT
    figure = _create_figure(stories, width, height)
    parted = Stories(stories).divergence_week
    for number, story in enumerate(stories):
        left, bottom = _MARGIN + number * _COLUMN + 0.15, _FOOT + below + 0.5
        axes = _add_axes(figure, left, bottom, _COLUMN - 0.75, lanes.height)
        _draw(axes, story, lanes, parted, named=number == 0)
        figure.text(
            left / width, 1 - (_HEAD - 0.56) / height, _format_heading(story, alone=len(stories) == 1),
            fontsize=13, weight="bold", va="center",
        )  # fmt: skip
        if story.jigsaw is not None:
            panel = _add_axes(figure, left, _FOOT + 0.1, _COLUMN - 0.75, _PIECE * rows)
            _draw_held_evidence(panel, story.jigsaw, named=number == 0)
    _draw_key(figure, height)
    return figure


def _arrange_lanes(stories: Sequence[Story]) -> _Lanes:
    """Arrange a lane for each kind of agency on one scale that fits all thresholds; higher evidence is cut off."""
    kinds = tuple(dict.fromkeys(chain.from_iterable(story.files["kind"] for story in stories)))
    thresholds = np.concatenate([story.files["threshold"].to_numpy(dtype=np.float64) for story in stories])
    highest = max(thresholds[np.isfinite(thresholds)].tolist(), default=1.0)
    return _Lanes(kinds, _ROOM * _LANE / max(highest, 1.0))


def _create_figure(stories: Sequence[Story], width: float, height: float) -> Figure:
    first = stories[0]
    names = " and ".join(style.format_name(story.scenario) for story in stories)
    if len(stories) == 1:
        title, below = "Who noticed what, and what was shared?", " ".join(first.verdict[:1])
    else:
        title, below = "The same child under different scenarios", f"Under {names}."
    figure = style.create_figure(
        title,
        f"Child {first.child} (synthetic), born {format_day(first.about['born'])}.\n{below}",
        f"{names} · seed {first.seed}",
    )
    figure.set_size_inches(width, height)
    head, subtitle, source = figure.texts
    for text, from_top in ((head, 0.42), (subtitle, 0.75)):
        text.set_y(1 - from_top / height)
    for text in figure.texts:
        text.set_x(0.3 / width)
    source.set_y(0.18 / height)
    return figure


def _add_axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Add axes at a position given in inches."""
    whole, tall = figure.get_size_inches()
    return figure.add_axes((left / whole, bottom / tall, width / whole, height / tall))


def _format_heading(story: Story, *, alone: bool) -> str:
    when = f"{format_day(story.day(story.first))} to {format_day(story.day(story.last))}"
    if alone or not story.verdict:
        return when
    return textwrap.fill(f"{style.format_name(story.scenario, 40)}: {story.verdict[0]}", 76)


def _draw(axes: Axes, story: Story, lanes: _Lanes, parted: int | None, *, named: bool) -> None:
    axes.set_ylim(0, lanes.height)
    axes.set_xlim(_to_x(story, story.first), _to_x(story, story.last + 1))
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    months = mdates.AutoDateLocator()
    axes.xaxis.set_major_locator(months)
    axes.xaxis.set_major_formatter(mdates.ConciseDateFormatter(months))
    for kind in lanes.kinds:
        _draw_lane(axes, story, lanes, kind)
    for spell in story.spells:
        _draw_harm(axes, story, lanes, spell)
    _draw_signs(axes, story, lanes)
    for message in story.messages:
        _draw_message(axes, story, lanes, message)
    _draw_decisions(axes, story, lanes)
    _draw_strips(axes, story)
    if named:
        _name_lanes(axes, story, lanes)
    if parted is not None and parted > story.first:
        _mark_week(axes, story, lanes, parted, "the stories diverge", style.PURPLE, above=16)


def _to_x(story: Story, week: int) -> float:
    return _to_number(story.day(week))


def _to_number(day: date) -> float:
    number: float = mdates.date2num(day)
    return number


def _draw_lane(axes: Axes, story: Story, lanes: _Lanes, kind: str) -> None:
    """Draw evidence on file, week by week, and the agency's threshold."""
    own = story.files[story.files["kind"] == kind]
    if not len(own):
        return
    x = [_to_number(day) for day in own["date"]]
    bottom = lanes.find_bottom(kind)
    held = [lanes.place_evidence(kind, evidence) for evidence in own["evidence"]]
    threshold = bottom + lanes.scale * own["threshold"].to_numpy(dtype=np.float64)
    threshold[~np.isfinite(threshold)] = np.nan
    axes.axhline(bottom, color=style.FAINT, linewidth=0.8)
    colour = style.PURPLE if kind == SOCIAL_CARE else style.BLUE
    axes.fill_between(x, bottom, held, step="post", color=colour, alpha=0.35, linewidth=0)
    axes.step(x, held, where="post", color=colour, linewidth=1.2)
    axes.plot(x, threshold, color=style.INK, linewidth=1.0, linestyle=(0, (4, 3)))
    if np.isfinite(threshold[-1]):
        axes.annotate(
            format_decimals(own["threshold"].iloc[-1], 2), (1, threshold[-1]), xycoords=("axes fraction", "data"),
            xytext=(4, 0), textcoords="offset points", va="center", fontsize=9, color=style.QUIET,
        )  # fmt: skip


def _draw_harm(axes: Axes, story: Story, lanes: _Lanes, spell: Spell) -> None:
    """Draw a spell of harm as a band over all lanes, with its severity, serious event and deadline."""
    start, end = _to_x(story, max(spell.onset, story.first)), _to_x(story, min(spell.end, story.last + 1))
    if end <= start:  # the spell ended in the week in which it began
        return
    colour = style.VERMILION if spell.significant else style.ORANGE
    axes.axvspan(start, end, color=colour, alpha=0.07, linewidth=0)
    axes.barh(lanes.harm + _STRIP / 2, end - start, left=start, height=0.6 * _STRIP, color=colour, alpha=0.8)
    label = f"severity {format_decimals(spell.severity, 2)}"
    # To the left of the band, so that it covers no star; inside it if there is no room.
    outside = start > _to_x(story, story.first + _ROOM_FOR_SEVERITY)
    axes.annotate(
        label, (start, lanes.harm + _STRIP / 2), xytext=(-5 if outside else 5, 0), textcoords="offset points",
        ha="right" if outside else "left", va="center", fontsize=10, color=style.INK,
    )  # fmt: skip
    if spell.serious is not None and story.first <= spell.serious <= story.last:
        axes.plot(
            _to_x(story, spell.serious),
            lanes.harm + _STRIP / 2,
            "*",
            color=style.INK,
            markersize=13,
            zorder=5,
        )
    if spell.deadline is not None and story.first <= spell.deadline <= story.last:
        _mark_week(axes, story, lanes, spell.deadline, RESULTS[spell.result or "missed"].lower(), style.INK)


def _mark_week(
    axes: Axes, story: Story, lanes: _Lanes, week: int, label: str, colour: str, above: float = 2
) -> None:
    """Draw a vertical line through all lanes, with a label `above` points over it."""
    x = _to_x(story, week)
    axes.plot([x, x], [0, lanes.height], color=colour, linewidth=1.2, linestyle=":")
    axes.annotate(
        label, (x, lanes.height), xytext=(0, above), textcoords="offset points", ha="center",
        va="bottom", fontsize=10, color=colour,
    )  # fmt: skip


def _draw_signs(axes: Axes, story: Story, lanes: _Lanes) -> None:
    """Draw the signs visible to each agency: recorded, noticed but not recorded, or not noticed."""
    recorded = {(entry.week, entry.agency) for entry in story.entries if entry.stage == "recorded"}
    for entry in story.entries:
        if entry.stage not in ("noticed", "passed_by"):
            continue
        spot = _to_x(story, entry.week), lanes.find_bottom(entry.kind) + 0.88 * _LANE
        if entry.stage == "passed_by":
            axes.plot(*spot, "|", color=style.QUIET, markersize=8, markeredgewidth=1.3)
        else:
            face = style.INK if (entry.week, entry.agency) in recorded else style.PAPER
            axes.plot(*spot, "o", color=face, markeredgecolor=style.INK, markersize=6, zorder=4)


def _draw_message(axes: Axes, story: Story, lanes: _Lanes, message: Message) -> None:
    """Draw a message to the front door: an arrow if it is delivered, otherwise a line that ends in a cross."""
    start = _to_x(story, message.sent), lanes.place_evidence(message.kind, message.evidence)
    door = lanes.find_bottom(SOCIAL_CARE) + 0.88 * _LANE
    delivered = message.fate == "delivered" and message.arrived is not None
    end = _to_x(story, message.arrived if message.arrived is not None else message.sent), door
    if not delivered:
        end = end[0], start[1] - 0.45 * (start[1] - door)
    colour = style.GREEN if delivered else style.VERMILION
    axes.plot(*start, "D", color=colour, markersize=5, zorder=5)
    axes.annotate(
        "", end, start, annotation_clip=True,
        arrowprops={
            "arrowstyle": "-|>" if delivered else "-", "color": colour, "linewidth": 1.3, "shrinkA": 0, "shrinkB": 0,
        },
    )  # fmt: skip
    if not delivered:
        axes.plot(*end, "x", color=colour, markersize=9, markeredgewidth=2.2, zorder=5)


def _draw_decisions(axes: Axes, story: Story, lanes: _Lanes) -> None:
    """Draw the front door's decisions, at the height of the evidence as it was judged."""
    for entry in story.entries:
        if entry.stage not in ("screened_out", "referred"):
            continue
        referred = entry.stage == "referred"
        colour = style.GREEN if referred else style.VERMILION
        assessed = any(period.start <= entry.week < period.end for period in story.care)
        spot = _to_x(story, entry.week), lanes.place_evidence(SOCIAL_CARE, entry.evidence or 0.0)
        axes.plot(
            *spot, "^" if referred else "v", color=style.PAPER if referred and not assessed else colour,
            markeredgecolor=colour if referred and not assessed else style.INK, markersize=8, zorder=6,
        )  # fmt: skip


def _draw_strips(axes: Axes, story: Story) -> None:
    """Draw the status of the case in children's social care, and the weeks of protection."""
    for period in story.care:
        start, end = _to_x(story, period.start), _to_x(story, period.end)
        colour = _STAGE_COLOURS[period.status]
        axes.barh(1.5 * _STRIP, end - start, left=start, height=0.62 * _STRIP, color=colour)
        label = CARE[period.status]
        if (end - start) / np.ptp(axes.get_xlim()) * _COLUMN > 0.11 * len(label):
            ink = style.PAPER if period.status == "plan" else style.INK
            axes.text((start + end) / 2, 1.5 * _STRIP, label, ha="center", va="center", fontsize=9, color=ink)
    for period in story.protection:
        start, end = _to_x(story, period.start), _to_x(story, period.end)
        axes.barh(0.5 * _STRIP, end - start, left=start, height=0.62 * _STRIP, color=style.GREEN)


def _name_lanes(axes: Axes, story: Story, lanes: _Lanes) -> None:
    """Write the names of the lanes and strips on the left."""
    for kind in lanes.kinds:
        names = list(dict.fromkeys(story.files.loc[story.files["kind"] == kind, "agency"]))
        labels = [_format_kind(kind), ", ".join(names[:2]) + (" …" if len(names) > 2 else "")]
        _write_name(axes, lanes.find_bottom(kind) + 0.5 * _LANE, *labels)
    _write_name(axes, lanes.harm + _STRIP / 2, "Harm at home")
    _write_name(axes, 1.5 * _STRIP, "Social care")
    _write_name(axes, 0.5 * _STRIP, "Protection")


def _write_name(axes: Axes, height: float, name: str, below: str = "") -> None:
    for text, size, colour, up in (
        (name, 12, style.INK, 6 if below else 0),
        (below, 9, style.QUIET, -9),
    ):
        axes.annotate(
            text, (0, height), xycoords=("axes fraction", "data"), xytext=(-8, up), textcoords="offset points",
            ha="right", va="center", fontsize=size, color=colour,
        )  # fmt: skip


def _format_kind(kind: str) -> str:
    if kind == SOCIAL_CARE:
        return "Front door"
    name = kind.replace("_", " ")
    return name.upper() if len(name) <= 3 else name[:1].upper() + name[1:]


def _draw_held_evidence(axes: Axes, jigsaw: Jigsaw, *, named: bool) -> None:
    """Draw the evidence on each file in the week that counts against its threshold, and all evidence pooled."""
    rows = [(piece.who, piece.evidence if piece.live else 0.0, piece.threshold) for piece in jigsaw.pieces]
    rows.append(("all pooled", jigsaw.pooled, jigsaw.lowest_threshold))
    widest = max(max(held, threshold or 0.0) for _, held, threshold in rows)
    axes.set_xlim(0, 2.1 * max(widest, 1.0))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_axis_off()
    for row, (name, held, threshold) in enumerate(rows):
        last = row == len(rows) - 1
        axes.barh(
            row, held, height=0.62, color=style.ORANGE if last else style.BLUE, alpha=1.0 if last else 0.6
        )
        if threshold is not None:
            axes.plot([threshold, threshold], [row - 0.42, row + 0.42], color=style.INK, linewidth=1.6)
        numbers = format_decimals(held, 2) + (
            "" if threshold is None else f" against {format_decimals(threshold, 2)}"
        )
        label = f"{numbers}: {describe_pooled_evidence(jigsaw)}" if last else numbers
        axes.annotate(
            label, (max(held, threshold or 0.0), row), xytext=(8, 0), textcoords="offset points", va="center",
            fontsize=10, color=style.INK if last else style.QUIET, weight="bold" if last else "normal",
        )  # fmt: skip
        if named:
            axes.annotate(
                name, (0, row), xytext=(-8, 0), textcoords="offset points", ha="right", va="center", fontsize=10,
                weight="bold" if last else "normal",
            )  # fmt: skip
    axes.set_title(f"Evidence on file on {format_day(jigsaw.date)}, and thresholds", fontsize=12, pad=8)


def _draw_key(figure: Figure, height: float) -> None:
    """Draw the key to all marks and colours."""
    ink, paper = style.INK, style.PAPER

    def dot(marker: str, face: str, edge: str = ink, size: float = 7) -> Line2D:
        return Line2D(
            [], [], marker=marker, color="none", markerfacecolor=face, markeredgecolor=edge, markersize=size
        )

    marks = {
        "sign noticed and recorded": dot("o", ink),
        "noticed, not recorded": dot("o", paper),
        "visible, not noticed": dot("|", ink, style.QUIET, 9),
        "evidence on file": Patch(color=style.BLUE, alpha=0.45),
        "threshold (value on the right)": Line2D([], [], color=ink, linestyle=(0, (4, 3)), linewidth=1.0),
        "message delivered": dot("D", style.GREEN, style.GREEN),
        "message lost or misdirected": dot("x", style.VERMILION, style.VERMILION, 8),
        "referral, assessed": dot("^", style.GREEN),
        "referral, not assessed": dot("^", paper, style.GREEN),
        "no referral": dot("v", style.VERMILION),
        "serious event": dot("*", ink, ink, 11),
        "waiting": Patch(color=style.FAINT),
        "assessment": Patch(color=style.SKY),
        "child-in-need service": Patch(color=style.YELLOW),
        "child protection plan": Patch(color=style.BLUE),
        "in care": Patch(color=style.PURPLE),
        "protected": Patch(color=style.GREEN),
        "significant harm": Patch(color=style.VERMILION),
        "adversity below significant harm": Patch(color=style.ORANGE),
    }
    figure.legend(
        list(marks.values()), list(marks), loc="lower left",
        bbox_to_anchor=(0.2 / figure.get_size_inches()[0], 0.32 / height), ncols=5, frameon=False, fontsize=9.5,
        handletextpad=0.5, columnspacing=1.4, borderpad=0,
    )  # fmt: skip
