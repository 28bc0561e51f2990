"""Figure: one child's story, a lane an agency, beside each other where there are several scenarios."""

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
from cpsim.plot import style
from cpsim.results.names import RESULTS
from cpsim.results.story import Stories
from cpsim.results.story_words import CARE, on, one_hand

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from cpsim.results.story import Jigsaw, Message, Spell, Story

_COLUMN, _MARGIN = 9.4, 2.0
"""Inches: width of a story, and of the names of the lanes."""
_HEAD, _LANE, _STRIP, _FOOT, _PIECE = 2.2, 0.78, 0.42, 1.28, 0.25
"""Inches: title, a lane of an agency, a strip, legend, and a line of the pieces."""
_ROOM_FOR_SEVERITY: Final = 12
"""Weeks that the label of a band of harm takes."""
_ROOM: Final = 0.78
"""Share of a lane's height that evidence takes; the signs stand above."""

_STAGE_COLOURS: Final = {
    "waiting": style.FAINT, "core_waiting": style.FAINT, "conference": style.FAINT,
    "initial": style.SKY, "core": style.SKY, "enquiry": style.SKY,
    "in_need": style.YELLOW, "plan": style.BLUE, "care": style.PURPLE,
}  # fmt: skip


@dataclass(frozen=True)
class _Lanes:
    """Where things stand: heights in inches above the lowest strip, and inches for each unit of evidence.

    Attributes:
        kinds: kinds of agency from top to bottom, the front door last.
        scale: inches a unit of log-odds.
    """

    kinds: tuple[str, ...]
    scale: float

    @property
    def height(self) -> float:
        """All of it."""
        return 3 * _STRIP + _LANE * len(self.kinds)

    def foot(self, kind: str) -> float:
        """Height at which a lane begins."""
        return 2 * _STRIP + _LANE * (len(self.kinds) - 1 - self.kinds.index(kind))

    def at(self, kind: str, evidence: float) -> float:
        """Height of so much evidence in a lane, as far as it fits."""
        return self.foot(kind) + min(self.scale * max(evidence, 0.0), 0.96 * _LANE)

    @property
    def harm(self) -> float:
        """Height of the strip of harm, which is the uppermost."""
        return self.height - _STRIP


@style.styled()
def timeline(*stories: Story) -> Figure:
    """Draw one child's story, or several of the same child beside each other.

    One lane an agency: evidence on file against its threshold, signs seen and not seen, and what it told the front door.
    Below, what social care did and whether the child was protected; above, the harm; at the foot, the pieces of the
    jigsaw.

    Raises:
        ValueError: no story is given.
    """
    if not stories:
        raise ValueError("a timeline shows at least one story")
    lanes = _lanes_of(stories)
    rows = max(0 if story.jigsaw is None else len(story.jigsaw.pieces) + 1 for story in stories)
    below = 0.7 + _PIECE * rows if rows else 0.0
    width, height = _MARGIN + _COLUMN * len(stories) + 0.4, _HEAD + lanes.height + 0.5 + below + _FOOT
    figure = _sheet(stories, width, height)
    parted = Stories(stories).parted
    for number, story in enumerate(stories):
        left, bottom = _MARGIN + number * _COLUMN + 0.15, _FOOT + below + 0.5
        axes = _placed(figure, left, bottom, _COLUMN - 0.75, lanes.height)
        _draw(axes, story, lanes, parted, named=number == 0)
        figure.text(
            left / width, 1 - (_HEAD - 0.56) / height, _heading(story, alone=len(stories) == 1),
            fontsize=13, weight="bold", va="center",
        )  # fmt: skip
        if story.jigsaw is not None:
            pieces = _placed(figure, left, _FOOT + 0.1, _COLUMN - 0.75, _PIECE * rows)
            _draw_pieces(pieces, story.jigsaw, named=number == 0)
    _explain(figure, height)
    return figure


def _lanes_of(stories: Sequence[Story]) -> _Lanes:
    """Lanes for every kind of agency, and one scale that all thresholds fit; evidence far above them is cut off."""
    kinds = tuple(dict.fromkeys(chain.from_iterable(story.files["kind"] for story in stories)))
    thresholds = np.concatenate([story.files["threshold"].to_numpy(dtype=np.float64) for story in stories])
    highest = max(thresholds[np.isfinite(thresholds)].tolist(), default=1.0)
    return _Lanes(kinds, _ROOM * _LANE / max(highest, 1.0))


def _sheet(stories: Sequence[Story], width: float, height: float) -> Figure:
    first = stories[0]
    names = " and ".join(style.plain(story.scenario) for story in stories)
    if len(stories) == 1:
        title, below = "Who saw what, and who knew?", " ".join(first.verdict[:1])
    else:
        title, below = "One child, side by side", f"Under {names}."
    figure = style.sheet(
        title,
        f"Child {first.child}, born {on(first.about['born'])}; invented like everybody here.\n{below}",
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


def _placed(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes at a place in inches."""
    whole, tall = figure.get_size_inches()
    return figure.add_axes((left / whole, bottom / tall, width / whole, height / tall))


def _heading(story: Story, *, alone: bool) -> str:
    when = f"{on(story.day(story.first))} to {on(story.day(story.last))}"
    if alone or not story.verdict:
        return when
    return textwrap.fill(f"{style.plain(story.scenario, 40)}: {story.verdict[0]}", 76)


def _draw(axes: Axes, story: Story, lanes: _Lanes, parted: int | None, *, named: bool) -> None:
    axes.set_ylim(0, lanes.height)
    axes.set_xlim(_x(story, story.first), _x(story, story.last + 1))
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
        _mark(axes, story, lanes, parted, "the lives part", style.PURPLE, above=16)


def _x(story: Story, week: int) -> float:
    return _day(story.day(week))


def _day(day: date) -> float:
    number: float = mdates.date2num(day)
    return number


def _draw_lane(axes: Axes, story: Story, lanes: _Lanes, kind: str) -> None:
    """Evidence on file, week by week, and the threshold that it stands against."""
    own = story.files[story.files["kind"] == kind]
    if not len(own):
        return
    x = [_day(day) for day in own["date"]]
    foot = lanes.foot(kind)
    held = [lanes.at(kind, evidence) for evidence in own["evidence"]]
    threshold = foot + lanes.scale * own["threshold"].to_numpy(dtype=np.float64)
    threshold[~np.isfinite(threshold)] = np.nan
    axes.axhline(foot, color=style.FAINT, linewidth=0.8)
    colour = style.PURPLE if kind == SOCIAL_CARE else style.BLUE
    axes.fill_between(x, foot, held, step="post", color=colour, alpha=0.35, linewidth=0)
    axes.step(x, held, where="post", color=colour, linewidth=1.2)
    axes.plot(x, threshold, color=style.INK, linewidth=1.0, linestyle=(0, (4, 3)))
    if np.isfinite(threshold[-1]):
        axes.annotate(
            f"threshold {own['threshold'].iloc[-1]:.1f}", (1, threshold[-1]), xycoords=("axes fraction", "data"), xytext=(4, 0),
            textcoords="offset points", va="center", fontsize=9, color=style.QUIET,
        )  # fmt: skip


def _draw_harm(axes: Axes, story: Story, lanes: _Lanes, spell: Spell) -> None:
    """The band of harm, over everybody who might have seen it, and the day on which it is judged."""
    start, end = _x(story, max(spell.onset, story.first)), _x(story, min(spell.end, story.last + 1))
    if end <= start:  # it was ended in the very week in which it began
        return
    colour = style.VERMILION if spell.significant else style.ORANGE
    axes.axvspan(start, end, color=colour, alpha=0.07, linewidth=0)
    axes.barh(lanes.harm + _STRIP / 2, end - start, left=start, height=0.6 * _STRIP, color=colour, alpha=0.8)
    words = f"severity {spell.severity:.1f}"
    # Beside the band, where no star can stand; inside it if there is no room.
    beside = start > _x(story, story.first + _ROOM_FOR_SEVERITY)
    axes.annotate(
        words, (start, lanes.harm + _STRIP / 2), xytext=(-5 if beside else 5, 0), textcoords="offset points",
        ha="right" if beside else "left", va="center", fontsize=10, color=style.INK,
    )  # fmt: skip
    if spell.serious is not None and story.first <= spell.serious <= story.last:
        axes.plot(
            _x(story, spell.serious), lanes.harm + _STRIP / 2, "*", color=style.INK, markersize=13, zorder=5
        )
    if spell.deadline is not None and story.first <= spell.deadline <= story.last:
        _mark(axes, story, lanes, spell.deadline, RESULTS[spell.result or "missed"].lower(), style.INK)


def _mark(
    axes: Axes, story: Story, lanes: _Lanes, week: int, words: str, colour: str, above: float = 2
) -> None:
    """An upright line through all lanes, with its words so many points above."""
    x = _x(story, week)
    axes.plot([x, x], [0, lanes.height], color=colour, linewidth=1.2, linestyle=":")
    axes.annotate(
        words, (x, lanes.height), xytext=(0, above), textcoords="offset points", ha="center",
        va="bottom", fontsize=10, color=colour,
    )  # fmt: skip


def _draw_signs(axes: Axes, story: Story, lanes: _Lanes) -> None:
    """Signs in sight of each agency: on file, seen and not written down, or passed by."""
    written = {(entry.week, entry.agency) for entry in story.entries if entry.stage == "recorded"}
    for entry in story.entries:
        if entry.stage not in ("noticed", "passed_by"):
            continue
        spot = _x(story, entry.week), lanes.foot(entry.kind) + 0.88 * _LANE
        if entry.stage == "passed_by":
            axes.plot(*spot, "|", color=style.QUIET, markersize=8, markeredgewidth=1.3)
        else:
            face = style.INK if (entry.week, entry.agency) in written else style.PAPER
            axes.plot(*spot, "o", color=face, markeredgecolor=style.INK, markersize=6, zorder=4)


def _draw_message(axes: Axes, story: Story, lanes: _Lanes, message: Message) -> None:
    """A concern on its way to the front door: an arrow if it arrives, otherwise a line that ends in a cross."""
    start = _x(story, message.sent), lanes.at(message.kind, message.evidence)
    door = lanes.foot(SOCIAL_CARE) + 0.88 * _LANE
    arrives = message.fate == "delivered" and message.arrived is not None
    end = _x(story, message.arrived if message.arrived is not None else message.sent), door
    if not arrives:
        end = end[0], start[1] - 0.45 * (start[1] - door)
    colour = style.GREEN if arrives else style.VERMILION
    axes.plot(*start, "D", color=colour, markersize=5, zorder=5)
    axes.annotate(
        "", end, start, annotation_clip=True,
        arrowprops={
            "arrowstyle": "-|>" if arrives else "-", "color": colour, "linewidth": 1.3, "shrinkA": 0, "shrinkB": 0,
        },
    )  # fmt: skip
    if not arrives:
        axes.plot(*end, "x", color=colour, markersize=9, markeredgewidth=2.2, zorder=5)


def _draw_decisions(axes: Axes, story: Story, lanes: _Lanes) -> None:
    """What the front door made of what arrived, at the weight that it gave to it."""
    for entry in story.entries:
        if entry.stage not in ("screened_out", "referred"):
            continue
        referred = entry.stage == "referred"
        colour = style.GREEN if referred else style.VERMILION
        taken_on = any(stretch.start <= entry.week < stretch.end for stretch in story.care)
        spot = _x(story, entry.week), lanes.at(SOCIAL_CARE, entry.evidence or 0.0)
        axes.plot(
            *spot, "^" if referred else "v", color=style.PAPER if referred and not taken_on else colour,
            markeredgecolor=colour if referred and not taken_on else style.INK, markersize=8, zorder=6,
        )  # fmt: skip


def _draw_strips(axes: Axes, story: Story) -> None:
    """What social care did, and when the child was protected."""
    for stretch in story.care:
        start, end = _x(story, stretch.start), _x(story, stretch.end)
        colour = _STAGE_COLOURS[stretch.what]
        axes.barh(1.5 * _STRIP, end - start, left=start, height=0.62 * _STRIP, color=colour)
        words = CARE[stretch.what]
        if (end - start) / np.ptp(axes.get_xlim()) * _COLUMN > 0.11 * len(words):
            ink = style.PAPER if stretch.what == "plan" else style.INK
            axes.text((start + end) / 2, 1.5 * _STRIP, words, ha="center", va="center", fontsize=9, color=ink)
    for stretch in story.protection:
        start, end = _x(story, stretch.start), _x(story, stretch.end)
        axes.barh(0.5 * _STRIP, end - start, left=start, height=0.62 * _STRIP, color=style.GREEN)


def _name_lanes(axes: Axes, story: Story, lanes: _Lanes) -> None:
    """Whose lane it is, at its left."""
    for kind in lanes.kinds:
        names = list(dict.fromkeys(story.files.loc[story.files["kind"] == kind, "agency"]))
        words = [_kind_in_words(kind), ", ".join(names[:2]) + (" …" if len(names) > 2 else "")]
        _name(axes, lanes.foot(kind) + 0.5 * _LANE, *words)
    _name(axes, lanes.harm + _STRIP / 2, "Harm at home")
    _name(axes, 1.5 * _STRIP, "Social care")
    _name(axes, 0.5 * _STRIP, "Protection")


def _name(axes: Axes, height: float, name: str, below: str = "") -> None:
    for words, size, colour, up in (
        (name, 12, style.INK, 6 if below else 0),
        (below, 9, style.QUIET, -9),
    ):
        axes.annotate(
            words, (0, height), xycoords=("axes fraction", "data"), xytext=(-8, up), textcoords="offset points",
            ha="right", va="center", fontsize=size, color=colour,
        )  # fmt: skip


def _kind_in_words(kind: str) -> str:
    if kind == SOCIAL_CARE:
        return "Front door"
    words = kind.replace("_", " ")
    return words.upper() if len(words) <= 3 else words[:1].upper() + words[1:]


def _draw_pieces(axes: Axes, jigsaw: Jigsaw, *, named: bool) -> None:
    """What lay on whose file in the week that counts, each against its threshold, and all of it in one hand."""
    rows = [(piece.who, piece.evidence if piece.live else 0.0, piece.threshold) for piece in jigsaw.pieces]
    rows.append(("in one hand", jigsaw.pooled, jigsaw.lowest_threshold))
    widest = max(max(held, threshold or 0.0) for _, held, threshold in rows)
    axes.set_xlim(0, 2.1 * max(widest, 1.0))
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_axis_off()
    for row, (who, held, threshold) in enumerate(rows):
        last = row == len(rows) - 1
        axes.barh(
            row, held, height=0.62, color=style.ORANGE if last else style.BLUE, alpha=1.0 if last else 0.6
        )
        if threshold is not None:
            axes.plot([threshold, threshold], [row - 0.42, row + 0.42], color=style.INK, linewidth=1.6)
        numbers = f"{held:.2f}" + ("" if threshold is None else f" against {threshold:.2f}")
        words = f"{numbers}: {one_hand(jigsaw)}" if last else numbers
        axes.annotate(
            words, (max(held, threshold or 0.0), row), xytext=(8, 0), textcoords="offset points", va="center", fontsize=10,
            color=style.INK if last else style.QUIET, weight="bold" if last else "normal",
        )  # fmt: skip
        if named:
            axes.annotate(
                who, (0, row), xytext=(-8, 0), textcoords="offset points", ha="right", va="center", fontsize=10,
                weight="bold" if last else "normal",
            )  # fmt: skip
    axes.set_title(f"What lay on whose file on {on(jigsaw.date)}, against its threshold", fontsize=12, pad=8)


def _explain(figure: Figure, height: float) -> None:
    """What the marks mean, once."""
    ink, paper = style.INK, style.PAPER

    def dot(marker: str, face: str, edge: str = ink, size: float = 7) -> Line2D:
        return Line2D(
            [], [], marker=marker, color="none", markerfacecolor=face, markeredgecolor=edge, markersize=size
        )

    marks = {
        "sign seen and on file": dot("o", ink),
        "seen, not written down": dot("o", paper),
        "in sight, nobody noticed": dot("|", ink, style.QUIET, 9),
        "evidence on file": Patch(color=style.BLUE, alpha=0.45),
        "threshold": Line2D([], [], color=ink, linestyle=(0, (4, 3)), linewidth=1.0),
        "concern that arrives": dot("D", style.GREEN, style.GREEN),
        "lost or astray": dot("x", style.VERMILION, style.VERMILION, 8),
        "referral, assessed": dot("^", style.GREEN),
        "referral, not assessed": dot("^", paper, style.GREEN),
        "no referral": dot("v", style.VERMILION),
        "serious event": dot("*", ink, ink, 11),
        "waiting": Patch(color=style.FAINT),
        "assessment": Patch(color=style.SKY),
        "child-in-need service": Patch(color=style.YELLOW),
        "plan": Patch(color=style.BLUE),
        "care": Patch(color=style.PURPLE),
        "effectively protected": Patch(color=style.GREEN),
        "significant harm": Patch(color=style.VERMILION),
        "adversity short of it": Patch(color=style.ORANGE),
    }
    figure.legend(
        list(marks.values()), list(marks), loc="lower left",
        bbox_to_anchor=(0.2 / figure.get_size_inches()[0], 0.32 / height), ncols=5, frameon=False, fontsize=9.5,
        handletextpad=0.5, columnspacing=1.4, borderpad=0,
    )  # fmt: skip
