"""One synthetic child's story: who saw what and when, what was on each file, what was sent and decided, and why.

A story is data collected by `cpsim.stories.story`; it does not depend on the model. `cpsim.present.story_terminal`
formats it and `cpsim.plot.story_timeline` draws it. Weeks count from week 0, the first evaluated week; evidence and
thresholds are log-odds.

In the examples, `stories` is what `cpsim.story` returned for a child who was missed.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from cpsim.formatting import format_count
from cpsim.results.display import Displayed
from cpsim.results.folder import create_folder_atomically
from cpsim.results.run_result import format_json
from cpsim.scenario.text import escape_unsafe

__all__ = ["Entry", "Jigsaw", "Message", "Period", "Piece", "Spell", "Stories", "Story"]

LIFE = "life"
"""Kind of the entries about the child's life, known to an agency or not."""

FILES = ("week", "date", "agency", "kind", "evidence", "threshold", "pooled", "lowest_threshold")
"""Columns of `Story.files`."""


@dataclass(frozen=True)
class Entry:
    """One line of the chronology.

    Attributes:
        week: week, counted from week 0.
        date: first day of that week.
        who: name of the organisation, of social care or of the child.
        kind: kind of agency, `cpsim.constants.SOCIAL_CARE` or `LIFE`.
        agency: row of the organisation; -1 for social care and the child.
        stage: a stage of the table of events, or one that only an observer of the run records.
        sentence: what happened.
        evidence: evidence on which the decision rested, log-odds; None without a decision.
        threshold: threshold with which it was compared, log-odds; None without a decision.
        seen: whether any practitioner knew of it at the time.

    >>> onset = next(entry for entry in stories[0].entries if entry.stage == "harm_began")
    >>> onset.who, onset.seen
    ('the child', False)
    """

    week: int
    date: date
    who: str
    kind: str
    agency: int
    stage: str
    sentence: str
    evidence: float | None = None
    threshold: float | None = None
    seen: bool = True


@dataclass(frozen=True)
class Spell:
    """A spell of adversity, as it ran under this scenario.

    Attributes:
        onset, end: first week, and first week after it.
        severity: 1 is a typical child in need.
        significant: whether it counts as significant harm.
        serious: week of the first serious event, None if there was none.
        deadline: week in which it is evaluated; None if it is not evaluated.
        result: protected, self_resolved, censored or missed; None if it is not evaluated.
        stopped_at: where the chain of concern stopped, with its part, such as C3b; None if it was not missed.
        new_harm_after_closure: whether it was missed and began soon after a case was closed without harm.

    >>> from cpsim.results import FATES
    >>> spell = Spell(3, 30, severity=1.5, significant=True, deadline=16, result="missed", stopped_at="C3b")
    >>> spell.fate, FATES[spell.fate]
    ('C3', 'Known but not shared')
    """

    onset: int
    end: int
    severity: float
    significant: bool
    serious: int | None = None
    deadline: int | None = None
    result: str | None = None
    stopped_at: str | None = None
    new_harm_after_closure: bool = False

    @property
    def fate(self) -> str | None:
        """The result, or where the chain stopped if it was missed: a code of `FATES`."""
        return self.stopped_at[:2] if self.stopped_at else self.result


@dataclass(frozen=True)
class Message:
    """A concern on its way to the front door.

    Attributes:
        sent: week of sending.
        kind, who: kind of agency and name of the sender.
        evidence: evidence that it reports, log-odds.
        fate: delivered, lost, misdirected, or under way when the story ends.
        arrived: week in which it arrived, here or in the wrong authority; None if it never arrived.

    >>> message = Message(sent=3, kind="school", who="school-001", evidence=2.1, fate="delivered", arrived=5)
    >>> message.arrived - message.sent
    2
    """

    sent: int
    kind: str
    who: str
    evidence: float
    fate: str
    arrived: int | None = None


@dataclass(frozen=True)
class Period:
    """Weeks from `start` up to, not including, `end` in which the case had one status or the child was protected.

    >>> weeks = Period("initial assessment", start=4, end=6)
    >>> weeks.end - weeks.start
    2
    """

    status: str
    start: int
    end: int


@dataclass(frozen=True)
class Piece:
    """What one agency has on file about the child in one week.

    Attributes:
        who, kind: name and kind of the organisation.
        evidence: evidence on its file, log-odds.
        threshold: evidence at which it makes a contact with social care half the time, log-odds; None if it has no tie
            to the front door.
        live: whether its file holds enough evidence to count.

    >>> piece = Piece("school-001", "school", evidence=1.2, threshold=2.0, live=True)
    >>> piece.evidence >= piece.threshold
    False
    """

    who: str
    kind: str
    evidence: float
    threshold: float | None
    live: bool


@dataclass(frozen=True)
class Jigsaw:
    """The agencies' files on a child in one week, and what they would have amounted to if pooled.

    Attributes:
        week, date: the week and its first day.
        pieces: one for each agency.
        pooled: evidence of all live files together, discounted because agencies see some of the same signs, log-odds.
        lowest_threshold: lowest threshold of the agencies with a live file, log-odds; None if there is no live file.

    Neither of these agencies knew enough on its own, but together they did:

    >>> school = Piece("school-001", "school", evidence=1.2, threshold=2.0, live=True)
    >>> practice = Piece("gp-001", "gp", evidence=1.4, threshold=2.2, live=True)
    >>> jigsaw = Jigsaw(8, date(2005, 6, 3), (school, practice), pooled=2.3, lowest_threshold=2.0)
    >>> jigsaw.is_enough_alone, jigsaw.is_enough_together
    (False, True)
    """

    week: int
    date: date
    pieces: tuple[Piece, ...]
    pooled: float
    lowest_threshold: float | None

    @property
    def is_enough_alone(self) -> bool:
        """Whether an agency's own evidence reached its own threshold."""
        return any(
            piece.live and piece.threshold is not None and piece.evidence >= piece.threshold
            for piece in self.pieces
        )

    @property
    def is_enough_together(self) -> bool:
        """Whether the pooled evidence reached the lowest threshold."""
        return self.lowest_threshold is not None and self.pooled >= self.lowest_threshold


@dataclass(frozen=True, eq=False, repr=False)
class Story(Displayed):
    """One child under one scenario.

    Attributes:
        scenario: name of the scenario.
        seed: seed of the world.
        child: row of the child.
        about: facts about the child: born, age_years, authority, area, decile, group, siblings, earlier_referrals,
            earlier_plans, and week_0, the date of week 0.
        first, last: first and last week of the story.
        spells: spells of adversity that overlap with these weeks.
        entries: the chronology, in order.
        messages: concerns sent to the front door.
        care: periods by status of the case with social care.
        protection: periods of effective protection.
        files: one row a week and agency; columns in `FILES`.
        jigsaw: the agencies' files in the decisive week; None if there is no such week.
        verdict: sentences that summarise the story.
        remarks: cautions about how the story was made.
        onset: week of onset of the spell of harm that the story is about; None if it is about no spell.

    >>> story = stories[0]
    >>> story.verdict[0].split()[0]
    'Missed.'
    >>> all(entry.date == story.day(entry.week) for entry in story.entries)
    True
    >>> story.spell is not None and story.spell.onset == story.onset
    True

    The agencies' files week by week are a table; all of the story can be had as JSON:

    >>> story.files.columns.tolist() == list(FILES)
    True
    >>> import json
    >>> json.loads(story.to_json()) == story.to_dict()
    True
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
    care: tuple[Period, ...]
    protection: tuple[Period, ...]
    files: pd.DataFrame
    jigsaw: Jigsaw | None
    verdict: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    onset: int | None = None

    @property
    def spell(self) -> Spell | None:
        """The spell of harm that the story is about; None if it is about no spell."""
        return next((spell for spell in self.spells if spell.onset == self.onset), None)

    def day(self, week: int) -> date:
        """Return the first day of a week."""
        return date.fromordinal(self.about["week_0"].toordinal() + 7 * week)

    def to_dict(self) -> dict[str, Any]:
        """Return the story as plain values; dates are ISO text."""
        values = {field.name: _simplify(getattr(self, field.name)) for field in fields(self)}
        values["jigsaw"] = None if self.jigsaw is None else _simplify(self.jigsaw) | {
            "is_enough_alone": self.jigsaw.is_enough_alone, "is_enough_together": self.jigsaw.is_enough_together
        }  # fmt: skip
        return values

    def to_json(self) -> str:
        """Return the story as JSON text."""
        return format_json(self.to_dict())

    def __repr__(self) -> str:
        name, entries = escape_unsafe(self.scenario), format_count(len(self.entries), "entry", "entries")
        return f"<Story of child {self.child} under {name}, seed {self.seed}: {entries}>"


@dataclass(frozen=True, eq=False, repr=False)
class Stories(Displayed):
    """The same child under one or more scenarios: a sequence of `Story` in which the first is the reference.

    Attributes:
        stories: the stories, all of one child.

    >>> len(stories), stories[0].scenario, stories.divergence_week
    (1, 'small', None)
    >>> import json
    >>> list(stories.to_dict()), json.loads(stories.to_json()) == stories.to_dict()
    (['divergence_week', 'stories'], True)
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     sorted(file.name for file in stories.save(Path(folder, "missed")).iterdir())
    ['manifest.json', 'story.json', 'story.txt']
    """

    stories: tuple[Story, ...]

    @property
    def divergence_week(self) -> int | None:
        """First week in which the events differ between the scenarios; None if they never differ."""
        lives = [
            Counter((entry.week, entry.stage, entry.agency) for entry in story.entries) for story in self
        ]
        different = [event for life in lives for event in ((life - lives[0]) | (lives[0] - life))]
        return min((week for week, _, _ in different), default=None)

    def save(
        self, folder: str | os.PathLike[str], extra: Callable[[Path], None] | None = None, width: int = 100
    ) -> Path:
        """Write `story.txt` and `story.json` into a new folder and return its path.

        Args:
            folder: must not exist; missing parent folders are created.
            extra: writes further files, such as the figure, into the folder before it gets its final name.
            width: width of the text in characters.

        Raises:
            OutputError: the folder exists or cannot be written. No partial folder remains.
        """
        with create_folder_atomically(folder) as hidden:
            for name, content in (("story.txt", self.text(width)), ("story.json", self.to_json())):
                (hidden / name).write_text(content, encoding="utf-8", newline="\n")
            if extra is not None:
                extra(hidden)
        return Path(folder).absolute()

    def to_dict(self) -> dict[str, Any]:
        """Return the stories as plain values."""
        return {
            "divergence_week": self.divergence_week,
            "stories": [story.to_dict() for story in self.stories],
        }

    def to_json(self) -> str:
        """Return the stories as JSON text."""
        return format_json(self.to_dict())

    def __iter__(self) -> Iterator[Story]:
        return iter(self.stories)

    def __len__(self) -> int:
        return len(self.stories)

    def __getitem__(self, number: int) -> Story:
        return self.stories[number]

    def __repr__(self) -> str:
        names = escape_unsafe(", ".join(story.scenario for story in self))
        return f"<Stories of child {self[0].child}, seed {self[0].seed}: {names}>"


def _simplify(value: Any) -> Any:
    """Convert a value for JSON: dates to text, tables to rows, infinite and undefined numbers to None."""
    if isinstance(value, pd.DataFrame):
        return [{name: _simplify(cell) for name, cell in row.items()} for row in value.to_dict("records")]
    if isinstance(value, Mapping):
        return {str(name): _simplify(inner) for name, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_simplify(inner) for inner in value]
    if is_dataclass(value):
        return {field.name: _simplify(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value
