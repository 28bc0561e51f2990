"""One synthetic child's story: who saw what and when, what lay on whose file, what was sent, decided, and why.

A story is data, gathered by `cpsim.study.story`; it knows no model. It is printed by `cpsim.results.chronology` and
drawn by `cpsim.plot.timeline`. Weeks count from week 0, the first evaluated week; evidence and thresholds are log-odds.
"""

from __future__ import annotations

import io
import json
import math
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console, Group

from cpsim.results.chronology import beside, laid_out
from cpsim.results.folder import whole

"""Kind of the entries of children's social care."""
LIFE = "life"
"""Kind of the entries that tell what happened to the child, whoever knew of it."""

FILES = ("week", "date", "agency", "kind", "evidence", "threshold", "pooled", "lowest_threshold")
"""Columns of `Story.files`."""


@dataclass(frozen=True)
class Entry:
    """One line of the chronology.

    Attributes:
        week: week, counted from week 0.
        date: first day of that week.
        who: name of the organisation, of social care or of the child.
        kind: kind of agency, `SOCIAL_CARE` or `LIFE`.
        agency: row of the organisation, -1 where it is none of the partner agencies.
        stage: a stage of the table of events, or one of the stages that only a witness sees.
        says: what happened, in a sentence.
        evidence: what the decision went by, log-odds; None where there was none.
        threshold: what it was held against, log-odds.
        seen: whether any professional knew of it at the time.
    """

    week: int
    date: date
    who: str
    kind: str
    agency: int
    stage: str
    says: str
    evidence: float | None = None
    threshold: float | None = None
    seen: bool = True


@dataclass(frozen=True)
class Spell:
    """A spell of adversity, as this scenario let it run.

    Attributes:
        onset, end: first week, and first week after it.
        severity: 1 is a typical child in need.
        significant: whether it counts as significant harm.
        serious: week of the first serious event, None if there was none.
        deadline: week at which it is judged, None for a spell that is not judged.
        result: protected, self_resolved, censored or missed; None for a spell that is not judged.
        cause: code of the ledger if missed, with its part, such as C3b.
    """

    onset: int
    end: int
    severity: float
    significant: bool
    serious: int | None = None
    deadline: int | None = None
    result: str | None = None
    cause: str | None = None

    @property
    def fate(self) -> str | None:
        """What became of it, as `Comparison` names it: a result, or the cause of the miss."""
        return self.cause[:2] if self.cause else self.result


@dataclass(frozen=True)
class Message:
    """A concern on its way to the front door.

    Attributes:
        sent: week of sending.
        kind, who: the sender.
        evidence: what it said, log-odds.
        fate: delivered, lost, misdirected, or under way when the story ends.
        arrived: week in which it arrived, or went astray; None if it never did.
    """

    sent: int
    kind: str
    who: str
    evidence: float
    fate: str
    arrived: int | None = None


@dataclass(frozen=True)
class Stretch:
    """Weeks `start` to `end` (not included) in which social care stood at one stage, or protection held."""

    what: str
    start: int
    end: int


@dataclass(frozen=True)
class Piece:
    """What one agency held about the child in a certain week.

    Attributes:
        who, kind: the organisation.
        evidence: on its file, log-odds.
        threshold: at which it tells social care half the time, log-odds; None if it has nobody to tell.
        live: whether its file holds enough to count as a piece.
    """

    who: str
    kind: str
    evidence: float
    threshold: float | None
    live: bool


@dataclass(frozen=True)
class Jigsaw:
    """The pieces in one week, and what they would have come to in one hand.

    Attributes:
        week, date: when.
        pieces: one an agency.
        pooled: all live pieces taken together, discounted since readings overlap, log-odds.
        lowest_threshold: of the agencies that hold a live piece; None if nobody does.
    """

    week: int
    date: date
    pieces: tuple[Piece, ...]
    pooled: float
    lowest_threshold: float | None

    @property
    def alone(self) -> bool:
        """Whether some agency's own file reached its own threshold."""
        return any(
            piece.live and piece.threshold is not None and piece.evidence >= piece.threshold
            for piece in self.pieces
        )

    @property
    def together(self) -> bool:
        """Whether all pieces together reach the lowest threshold."""
        return self.lowest_threshold is not None and self.pooled >= self.lowest_threshold


@dataclass(frozen=True, eq=False, repr=False)
class Story:
    """One child under one scenario.

    Attributes:
        scenario: its name.
        seed: the seed that grew the child.
        child: row of the child.
        about: plain facts: born, age_years, authority, area, decile, group, siblings, and where week 0 lies.
        first, last: weeks that the story covers, both included.
        spells: spells of adversity that touch these weeks.
        entries: the chronology, in order.
        messages: concerns sent to the front door.
        care: stages of social care.
        protection: when effective protection held.
        files: one row a week and agency; columns in `FILES`.
        jigsaw: the pieces in the week that the story turns on; None if it turns on none.
        verdict: sentences that sum it up.
        remarks: what the reader has to know about how it was told.
    """

    scenario: str
    seed: int
    child: int
    about: dict[str, Any]
    first: int
    last: int
    spells: tuple[Spell, ...]
    entries: tuple[Entry, ...]
    messages: tuple[Message, ...]
    care: tuple[Stretch, ...]
    protection: tuple[Stretch, ...]
    files: pd.DataFrame
    jigsaw: Jigsaw | None
    verdict: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    def day(self, week: int) -> date:
        """The first day of a week."""
        return date.fromordinal(self.about["week_0"].toordinal() + 7 * week)

    def text(self, width: int = 100) -> str:
        """The story as plain text."""
        return _plain_text(self, width)

    def to_dict(self) -> dict[str, Any]:
        """The story as plain values; dates as ISO text."""
        values = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        values["jigsaw"] = None if self.jigsaw is None else _plain(self.jigsaw) | {
            "alone": self.jigsaw.alone, "together": self.jigsaw.together
        }  # fmt: skip
        return values

    def to_json(self) -> str:
        """The story as JSON."""
        return _json(self.to_dict())

    def __rich__(self) -> Group:
        return laid_out(self)

    def _repr_html_(self) -> str:
        from cpsim.results.html import story_html

        return story_html(self)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Story of child {self.child} under {self.scenario}, seed {self.seed}: {len(self.entries)} entries>"


@dataclass(frozen=True, eq=False, repr=False)
class Stories:
    """The same child under one scenario or several; a sequence of `Story`, the first is the one compared with."""

    stories: tuple[Story, ...]

    @property
    def parted(self) -> int | None:
        """First week in which something happens to the child under one scenario that does not under another."""
        lives = [
            Counter((entry.week, entry.stage, entry.agency) for entry in story.entries) for story in self
        ]
        apart = [event for life in lives for event in ((life - lives[0]) | (lives[0] - life))]
        return min((week for week, _, _ in apart), default=None)

    def text(self, width: int = 100) -> str:
        """All stories as plain text, side by side where there are several."""
        return _plain_text(self, width)

    def save(
        self, folder: str | os.PathLike[str], extra: Callable[[Path], None] | None = None, width: int = 100
    ) -> Path:
        """Write `story.txt` and `story.json`, whole or not at all, and return the folder.

        Args:
            folder: must not exist; folders missing above it are made.
            extra: puts further files, such as the figure, into the folder before it gets its name.
            width: of the text, in letters.

        Raises:
            OutputError: the folder exists or cannot be written. Nothing is left behind.
        """
        with whole(folder) as hidden:
            for name, content in (("story.txt", self.text(width)), ("story.json", self.to_json())):
                (hidden / name).write_text(content, encoding="utf-8", newline="\n")
            if extra is not None:
                extra(hidden)
        return Path(folder).absolute()

    def to_dict(self) -> dict[str, Any]:
        """The stories as plain values."""
        return {"parted": self.parted, "stories": [story.to_dict() for story in self.stories]}

    def to_json(self) -> str:
        """The stories as JSON."""
        return _json(self.to_dict())

    def __iter__(self) -> Iterator[Story]:
        return iter(self.stories)

    def __len__(self) -> int:
        return len(self.stories)

    def __getitem__(self, number: int) -> Story:
        return self.stories[number]

    def __rich__(self) -> Group:
        return beside(self) if len(self) > 1 else laid_out(self[0])

    def _repr_html_(self) -> str:
        from cpsim.results.html import story_html

        return story_html(self)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        names = ", ".join(story.scenario for story in self)
        return f"<Stories of child {self[0].child}, seed {self[0].seed}: {names}>"


def _plain_text(page: Story | Stories, width: int) -> str:
    text = io.StringIO()
    Console(file=text, width=width, color_system=None).print(page)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def _plain(value: Any) -> Any:
    """A value of a story as JSON has it: dates as text, tables as rows, no endless numbers."""
    if isinstance(value, pd.DataFrame):
        return [{name: _plain(cell) for name, cell in row.items()} for row in value.to_dict("records")]
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
