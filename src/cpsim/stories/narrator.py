"""Builds the story of one child from the records of an observer, the log and the drawn world."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import pandas as pd

from cpsim.casework.log import OCCURRENCES
from cpsim.casework.state import STATUSES, Status
from cpsim.constants import NEVER, SOCIAL_CARE, WEEKS_PER_YEAR
from cpsim.formatting import format_count, format_decimals
from cpsim.measures.horizons import result_column
from cpsim.present.story_sentences import NEEDS, ORDER, OUTCOMES, STAGES
from cpsim.results.story import FILES, LIFE, Entry, Jigsaw, Message, Period, Piece, Spell, Story
from cpsim.stories.facts import (
    ChildHistory,
    Fact,
    LoggedEvent,
    list_judgement_facts,
    list_log_facts,
    trace_messages,
)
from cpsim.stories.observer import ObservedWeek, Observer
from cpsim.stories.verdict import add_verdict
from cpsim.world.calendar import CHILDHOOD
from cpsim.world.harm import OTHER_NEEDS


@dataclass(frozen=True)
class Focus:
    """The weeks that a story covers and its turning point, in weeks of the run.

    Attributes:
        first: first week covered.
        last: last week covered.
        week: the turning point.
        onset: onset of the spell of harm at the turning point, None if there is none.
    """

    first: int
    last: int
    week: int
    onset: int | None = None


def build_story(observer: Observer, child: int, focus: Focus, spells: pd.DataFrame | None = None) -> Story:
    """Build the story of a child from what an observer has recorded.

    Args:
        observer: has observed the child from the first week covered.
        child: row of the child.
        focus: the weeks to cover, and the turning point.
        spells: the ledger's table of the finished run; without it no spell has a result.
    """
    return _StoryBuilder(observer, child, focus, spells).build()


class _StoryBuilder:
    def __init__(self, observer: Observer, child: int, focus: Focus, spells: pd.DataFrame | None) -> None:
        self.model = observer.model
        self.world = self.model.world
        self.child, self.focus = child, focus
        self._horizon = self.model.snapshots.horizon
        self.weeks = [week for week in observer.weeks if focus.first <= week.week <= focus.last]
        self.column = int(np.flatnonzero(observer.children == child)[0])
        self.unnoticed_signs = [
            sign for sign in observer.unnoticed_signs if sign.child == child and self._is_covered(sign.week)
        ]
        self.judgements = {
            (judgement.week, judgement.decision, judgement.site): judgement
            for judgement in observer.judgements
            if judgement.child == child and self._is_covered(judgement.week)
        }
        children = self.world.children
        self.born = int(children.birth[child])
        _, family = children.find_by_family(children.family[[child]])
        self.siblings = [int(other) for other in family if other != child]
        rows = None if spells is None else spells[spells["child"] == child]
        self.results = {} if rows is None else {int(row["onset"]): row for _, row in rows.iterrows()}

    def _is_covered(self, week: int) -> bool:
        return self.focus.first <= week <= self.focus.last

    def build(self) -> Story:
        model, focus = self.model, self.focus
        entries = tuple(self._format_entry(fact) for fact in sorted(self._list_facts(), key=_order_in_week))
        story = Story(
            scenario=model.settings.name,
            seed=model.seed,
            child=self.child,
            about=self._describe_child(),
            first=self._count_from_week_0(focus.first),
            last=self._count_from_week_0(focus.last),
            spells=tuple(self._spells),
            entries=entries,
            messages=tuple(message for message, _ in self._messages),
            care=tuple(self._list_care()),
            protection=tuple(self._list_protection()),
            files=self._tabulate_files(),
            jigsaw=self._find_jigsaw(),
            verdict=(),
            onset=None if focus.onset is None else self._count_from_week_0(focus.onset),
        )
        return add_verdict(story)

    def _count_from_week_0(self, week: int) -> int:
        """Convert a week of the run to a week counted from week 0, as in results."""
        return int(week) - self.world.warm_up

    def _find_date(self, week: int) -> date:
        """Return the first day of a week of the run."""
        return self.model.settings.clock.start + timedelta(weeks=self._count_from_week_0(week))

    def _find_name(self, site: int) -> str:
        return self.model.nodes.names[site]

    # The child and its spells of harm.

    def _describe_child(self) -> dict[str, Any]:
        children, focus, child = self.world.children, self.focus, self.child
        authority, area = self.world.residence.find_at(np.array([child]), np.array([max(focus.week, 0)]))
        present = [other for other in self.siblings if self._is_child(other, focus.week)]
        return {
            "week_0": self.model.settings.clock.start,
            "born": self._find_date(self.born),
            "age_years": round((focus.week - self.born) / WEEKS_PER_YEAR, 1),
            "authority": self.model.authority_names[int(authority[0])],
            "area": int(area[0]),
            "decile": int(children.decile[child]),
            "group": "smaller" if children.group[child] else "larger",
            "siblings": len(present),
            "earlier_referrals": self._count_earlier("referred"),
            "earlier_plans": self._count_earlier("plan_started"),
        }

    def _is_child(self, child: int, week: int) -> bool:
        return 0 <= week - int(self.world.children.birth[child]) < CHILDHOOD

    def _count_earlier(self, stage: str) -> int:
        events = self.model.casework.log.select(OCCURRENCES.index(stage))
        return int(np.count_nonzero((events.child == self.child) & (events.week < self.focus.first)))

    @cached_property
    def _events_of_family(self) -> list[LoggedEvent]:
        """Logged events about the child and its siblings, in the order of the week."""
        family = [self.child, *self.siblings]
        found = []
        for code, stage in enumerate(OCCURRENCES):
            events = self.model.casework.log.select(code, self.focus.first)
            about = np.isin(events.child, family) & (events.week <= self.focus.last)
            columns = (events.week, events.child, events.site, events.value)
            for week, child, site, value in zip(*(column[about].tolist() for column in columns), strict=True):
                found.append(LoggedEvent(week, child, stage, site, value))
        return sorted(found, key=lambda row: (row.week, ORDER[row.stage]))

    @cached_property
    def _events(self) -> list[LoggedEvent]:
        return [row for row in self._events_of_family if row.child == self.child]

    @cached_property
    def _spells(self) -> list[Spell]:
        """Spells of adversity that overlap the weeks covered, with their ends under this scenario."""
        drawn = self.world.spells
        ended = {int(row.value): row.week for row in self._events if row.stage == "harm_ended_by_protection"}
        serious = {int(row.value): row.week for row in self._events if row.stage == "serious_event"}
        rows = np.flatnonzero(drawn.child == self.child).tolist()
        spells = []
        for row in rows:
            onset, end = int(drawn.onset[row]), ended.get(row, int(drawn.end[row]))
            if onset <= self.focus.last and end > self.focus.first:
                event = None if row not in serious else self._count_from_week_0(serious[row])
                spells.append(self._describe_spell(row, onset, end, event))
        return spells

    def _describe_spell(self, row: int, onset: int, end: int, serious: int | None) -> Spell:
        week = self._count_from_week_0(onset)
        ledger = self.results.get(week)
        deadline = (
            None if ledger is None else min(week + self._horizon, NEVER if serious is None else serious)
        )
        part = None if ledger is None else ledger["stopped_at_part"]
        return Spell(
            onset=week,
            end=self._count_from_week_0(end),
            severity=float(self.world.spells.severity[row]),
            significant=bool(self.world.spells.harm[row]),
            serious=serious,
            deadline=deadline,
            result=None if ledger is None else str(ledger[result_column(self._horizon)]),
            stopped_at=part if isinstance(part, str) else None,
            new_harm_after_closure=ledger is not None and bool(ledger["new_harm_after_closure"]),
        )

    # The facts, source by source.

    def _list_facts(self) -> Iterator[Fact]:
        yield from self._list_life_facts()
        yield from self._list_moves()
        for sign in self.unnoticed_signs:
            yield Fact(sign.week, "passed_by", sign.site, evidence=sign.evidence)
        names = self.model.nodes.names
        arrived = {(end.week, end.site): message.sent for message, end in self._messages if end is not None}
        sent = {where: week + self.world.warm_up for where, week in arrived.items()}
        siblings = [row for row in self._events_of_family if row.child != self.child]
        drawn = self.world.spells
        lesser = np.flatnonzero((drawn.child == self.child) & ~drawn.harm).tolist()
        history = ChildHistory(
            self.model.settings, names, self._events, siblings, lesser, self.judgements, sent
        )
        yield from list_log_facts(history)
        yield from list_judgement_facts(history)
        yield from self._list_results()

    def _list_life_facts(self) -> Iterator[Fact]:
        if self._is_covered(self.born):
            yield Fact(self.born, "born")
        warm_up = self.world.warm_up
        ended_by_protection = {row.week for row in self._events if row.stage == "harm_ended_by_protection"}
        for spell in self._spells:
            variant = "" if spell.significant else "need"
            onset, end = spell.onset + warm_up, spell.end + warm_up
            if self._is_covered(onset):
                yield Fact(onset, "harm_began", value=spell.severity, variant=variant)
            if self._is_covered(end) and end not in ended_by_protection and end != self.born + CHILDHOOD:
                yield Fact(end, "harm_ended", variant=variant)
        needs = self.world.needs
        for row in np.flatnonzero(needs.child == self.child).tolist():
            if self._is_covered(int(needs.start[row])):
                reason = NEEDS[OTHER_NEEDS[needs.reason[row]]]
                yield Fact(int(needs.start[row]), "need_began", more={"reason": reason})

    def _list_moves(self) -> Iterator[Fact]:
        """Yield changes of school, practice and authority between the ends of two weeks."""
        for before, after in pairwise(self.weeks):
            if before.authority[self.column] != after.authority[self.column]:
                to = self.model.authority_names[int(after.authority[self.column])]
                yield Fact(after.week, "moved_authority", more={"to": to})
            old, new = before.pieces.site[self.column], after.pieces.site[self.column]
            for kind in np.flatnonzero(old != new):
                names = {"who": self._find_name(new[kind]), "before": self._find_name(old[kind])}
                yield Fact(after.week, "moved", int(new[kind]), more=names)

    def _list_results(self) -> Iterator[Fact]:
        for spell in self._spells:
            if spell.deadline is None or spell.result is None:
                continue
            week, weeks = spell.deadline + self.world.warm_up, spell.deadline - spell.onset
            if self._is_covered(week):
                when = (
                    "At the serious event"
                    if spell.serious == spell.deadline
                    else f"After {format_count(weeks, 'week')}"
                )
                more = {"deadline": when, "outcome": OUTCOMES[spell.result]}
                yield Fact(week, "judged", more=more)

    def _format_entry(self, fact: Fact) -> Entry:
        stage = STAGES[fact.stage]
        shown = fact.judged if stage.by == "care" and fact.judged is not None else fact.evidence
        numbers = {
            name: format_decimals(number, 2)
            for name in ("value", "evidence", "judged", "threshold")
            if (number := getattr(fact, name)) is not None
        }
        who, kind = self._name_actor(fact, stage.by)
        return Entry(
            week=self._count_from_week_0(fact.week),
            date=self._find_date(fact.week),
            who=who,
            kind=kind,
            agency=fact.site,
            stage=fact.stage,
            sentence=stage.format(fact.variant, numbers | dict(fact.more)),
            evidence=_drop_infinity(shown),
            threshold=_drop_infinity(fact.threshold),
            seen=stage.seen,
        )

    def _name_actor(self, fact: Fact, by: str) -> tuple[str, str]:
        """Return the name and the kind of the actor."""
        if by == "agency" and fact.site >= 0:
            return self._find_name(fact.site), self.model.nodes.kinds[fact.site]
        if by == "life":
            return "the child", LIFE
        return (self._name_front_door(fact.week) if by == "door" else "social care"), SOCIAL_CARE

    def _name_front_door(self, week: int) -> str:
        first = self.weeks[0].week
        place = min(max(week - first, 0), len(self.weeks) - 1)
        return self._find_name(self.model.nodes.organisations + int(self.weeks[place].authority[self.column]))

    # Messages, stages of social care and files.

    @cached_property
    def _messages(self) -> list[tuple[Message, LoggedEvent | None]]:
        nodes = self.model.nodes
        return trace_messages(self._events, self.world.warm_up, nodes.names, nodes.kinds)

    def _list_care(self) -> Iterator[Period]:
        in_care = [
            week for week in self.weeks if week.status[self.column] not in (Status.CLOSED, Status.ADULT)
        ]
        for (status, _), weeks in groupby(
            enumerate(in_care), key=lambda item: (item[1].status[self.column], item[1].week - item[0])
        ):
            period = [week.week for _, week in weeks]
            start, end = self._count_from_week_0(period[0]), self._count_from_week_0(period[-1] + 1)
            yield Period(STATUSES[status], start, end)

    def _list_protection(self) -> Iterator[Period]:
        """Yield periods of effective protection in the weeks covered."""
        log = self.model.casework.log
        weeks = {
            what: np.sort(events.week[events.child == self.child]).tolist()
            for what, events in (
                (what, log.select(OCCURRENCES.index(what))) for what in ("effective_from", "effective_until")
            )
        }
        ends = [*weeks["effective_until"], NEVER]
        for start, end in zip(weeks["effective_from"], ends, strict=False):
            start, end = max(start, self.focus.first), min(end, self.focus.last + 1)  # noqa: PLW2901
            if start < end:
                yield Period("protected", self._count_from_week_0(start), self._count_from_week_0(end))

    def _tabulate_files(self) -> pd.DataFrame:
        rows = [
            row
            for week in self.weeks
            if self._is_child(self.child, week.week)
            for row in self._tabulate_week(week)
        ]
        return pd.DataFrame(rows, columns=list(FILES))

    def _tabulate_week(self, week: ObservedWeek) -> Iterator[tuple[Any, ...]]:
        pieces, column = week.pieces, self.column
        when = self._count_from_week_0(week.week), self._find_date(week.week)
        pooled = float(pieces.pooled[column]), float(pieces.lowest[column])
        for kind, (site, held, threshold) in enumerate(
            zip(
                pieces.site[column].tolist(),
                pieces.held[column].tolist(),
                pieces.threshold[column].tolist(),
                strict=True,
            )
        ):
            yield *when, self._find_name(site), self.model.kinds[kind], held, threshold, *pooled
        own = float(week.belief[column]), float(week.door_threshold[column])
        yield *when, self._name_front_door(week.week), SOCIAL_CARE, *own, *pooled

    def _find_jigsaw(self) -> Jigsaw | None:
        turning_week = self._find_turning_week()
        week = next((week for week in self.weeks if week.week == turning_week), None)
        if week is None:
            return None
        pieces, column = week.pieces, self.column
        return Jigsaw(
            week=self._count_from_week_0(week.week),
            date=self._find_date(week.week),
            pieces=tuple(
                Piece(self._find_name(site), self.model.kinds[kind], held, _drop_infinity(threshold), live)
                for kind, (site, held, threshold, live) in enumerate(
                    zip(
                        *(
                            field[column].tolist()
                            for field in (pieces.site, pieces.held, pieces.threshold, pieces.live)
                        ),
                        strict=True,
                    )
                )
            ),
            pooled=float(pieces.pooled[column]),
            lowest_threshold=_drop_infinity(float(pieces.lowest[column])),
        )

    def _find_turning_week(self) -> int:
        """Return the turning point: the deadline of the spell in focus, or the week given."""
        for spell in self._spells:
            if self.focus.onset == spell.onset + self.world.warm_up and spell.deadline is not None:
                return spell.deadline + self.world.warm_up
        return self.focus.week


def _order_in_week(fact: Fact) -> tuple[int, int, int, int]:
    """Return the sort key of a fact; the agencies' steps, from noticing to sharing, are sorted agency by agency."""
    order = ORDER[fact.stage]
    if order < ORDER["passed_by"]:
        return fact.week, 0, 0, order
    return (fact.week, 1, fact.site, order) if order <= ORDER["misdirected"] else (fact.week, 2, 0, order)


def _drop_infinity(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
