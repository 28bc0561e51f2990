"""From what a witness wrote down, the log and the drawn world to the story of one child."""

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
from cpsim.measures.ledger import PRIMARY
from cpsim.results.story import FILES, LIFE, Entry, Jigsaw, Message, Piece, Spell, Story, Stretch
from cpsim.results.story_words import NEEDS, ORDER, OUTCOMES, STAGES
from cpsim.study.facts import Fact, Happened, Known, facts_of_log, facts_of_minutes, follow, in_weeks
from cpsim.study.verdict import verdict
from cpsim.study.witness import Week, Witness
from cpsim.world.calendar import CHILDHOOD
from cpsim.world.harm import OTHER_NEEDS


@dataclass(frozen=True)
class Focus:
    """What a story is about, in weeks of the run: the weeks told, both included, and the week that it turns on.

    `onset` is that of the spell of harm that it turns on, None if it turns on none.
    """

    first: int
    last: int
    week: int
    onset: int | None = None


def tell(witness: Witness, child: int, focus: Focus, spells: pd.DataFrame | None = None) -> Story:
    """The story of a child as a witness has seen it.

    Args:
        witness: who has watched the child from the first week told on.
        child: row of the child.
        focus: the weeks to tell, and what the story turns on.
        spells: the ledger's table of the finished run; without it nothing is judged yet.
    """
    return _Teller(witness, child, focus, spells).story()


class _Teller:
    def __init__(self, witness: Witness, child: int, focus: Focus, spells: pd.DataFrame | None) -> None:
        self.model = witness.model
        self.world = self.model.world
        self.child, self.focus = child, focus
        self.weeks = [week for week in witness.weeks if focus.first <= week.week <= focus.last]
        self.at = int(np.flatnonzero(witness.children == child)[0])
        self.passed_by = [sign for sign in witness.passed_by if sign.child == child and self.told(sign.week)]
        self.minutes = {
            (minute.week, minute.what, minute.site): minute
            for minute in witness.minutes
            if minute.child == child and self.told(minute.week)
        }
        children = self.world.children
        self.born = int(children.birth[child])
        _, family = children.of_families(children.family[[child]])
        self.siblings = [int(other) for other in family if other != child]
        rows = None if spells is None else spells[spells["child"] == child]
        self.judged = {} if rows is None else {int(row["onset"]): row for _, row in rows.iterrows()}

    def told(self, week: int) -> bool:
        return self.focus.first <= week <= self.focus.last

    def story(self) -> Story:
        model, focus = self.model, self.focus
        entries = tuple(self._entry(fact) for fact in sorted(self._facts(), key=_place_in_the_week))
        told = Story(
            scenario=model.settings.name,
            seed=model.seed,
            child=self.child,
            about=self._about(),
            first=self.since_start(focus.first),
            last=self.since_start(focus.last),
            spells=tuple(self._spells),
            entries=entries,
            messages=tuple(message for message, _ in self._followed),
            care=tuple(self._care()),
            protection=tuple(self._protection()),
            files=self._files(),
            jigsaw=self._jigsaw(),
            verdict=(),
        )
        return verdict(told, None if focus.onset is None else self.since_start(focus.onset))

    def since_start(self, week: int) -> int:
        """A week of the run as it is counted in results: from week 0 on."""
        return int(week) - self.world.warm_up

    def day(self, week: int) -> date:
        """First day of a week of the run."""
        return self.model.settings.clock.start + timedelta(weeks=self.since_start(week))

    def name(self, site: int) -> str:
        return self.model.nodes.names[site]

    # What the child is and lives through.

    def _about(self) -> dict[str, Any]:
        children, focus, child = self.world.children, self.focus, self.child
        authority, area = self.world.residence.at(np.array([child]), np.array([max(focus.week, 0)]))
        alive = [other for other in self.siblings if self._is_child(other, focus.week)]
        return {
            "week_0": self.model.settings.clock.start,
            "born": self.day(self.born),
            "age_years": round((focus.week - self.born) / WEEKS_PER_YEAR, 1),
            "authority": self.model.authority_names[int(authority[0])],
            "area": int(area[0]),
            "decile": int(children.decile[child]),
            "group": "smaller" if children.group[child] else "larger",
            "siblings": len(alive),
            "earlier_referrals": self._earlier("referred"),
            "earlier_plans": self._earlier("plan_started"),
        }

    def _is_child(self, child: int, week: int) -> bool:
        return 0 <= week - int(self.world.children.birth[child]) < CHILDHOOD

    def _earlier(self, stage: str) -> int:
        events = self.model.casework.log.of(OCCURRENCES.index(stage))
        return int(np.count_nonzero((events.child == self.child) & (events.week < self.focus.first)))

    @cached_property
    def _happened(self) -> list[Happened]:
        """Rows of the log about the child and its brothers and sisters, in the order of the week."""
        family = [self.child, *self.siblings]
        found = []
        for code, stage in enumerate(OCCURRENCES):
            events = self.model.casework.log.of(code, self.focus.first)
            about = np.isin(events.child, family) & (events.week <= self.focus.last)
            columns = (events.week, events.child, events.site, events.value)
            for week, child, site, value in zip(*(column[about].tolist() for column in columns), strict=True):
                found.append(Happened(week, child, stage, site, value))
        return sorted(found, key=lambda row: (row.week, ORDER[row.stage]))

    @cached_property
    def _own(self) -> list[Happened]:
        return [row for row in self._happened if row.child == self.child]

    @cached_property
    def _spells(self) -> list[Spell]:
        """Spells of adversity that touch the weeks told, as this scenario let them run."""
        drawn = self.world.spells
        ended = {int(row.value): row.week for row in self._own if row.stage == "harm_ended_by_protection"}
        serious = {int(row.value): row.week for row in self._own if row.stage == "serious_event"}
        rows = np.flatnonzero(drawn.child == self.child).tolist()
        spells = []
        for row in rows:
            onset, end = int(drawn.onset[row]), ended.get(row, int(drawn.end[row]))
            if onset <= self.focus.last and end > self.focus.first:
                event = None if row not in serious else self.since_start(serious[row])
                spells.append(self._spell(row, onset, end, event))
        return spells

    def _spell(self, row: int, onset: int, end: int, serious: int | None) -> Spell:
        since = self.since_start(onset)
        judged = self.judged.get(since)
        deadline = None if judged is None else min(since + PRIMARY, NEVER if serious is None else serious)
        part = None if judged is None else judged["cause_part"]
        return Spell(
            onset=since,
            end=self.since_start(end),
            severity=float(self.world.spells.severity[row]),
            significant=bool(self.world.spells.harm[row]),
            serious=serious,
            deadline=deadline,
            result=None if judged is None else str(judged["result_13w"]),
            cause=part if isinstance(part, str) else None,
        )

    # The facts, each from where it is known.

    def _facts(self) -> Iterator[Fact]:
        yield from self._of_life()
        yield from self._of_moves()
        for sign in self.passed_by:
            yield Fact(sign.week, "passed_by", sign.site, evidence=sign.evidence)
        names = self.model.nodes.names
        arrived = {(end.week, end.site): message.sent for message, end in self._followed if end is not None}
        sent = {where: week + self.world.warm_up for where, week in arrived.items()}
        siblings = [row for row in self._happened if row.child != self.child]
        drawn = self.world.spells
        lesser = np.flatnonzero((drawn.child == self.child) & ~drawn.harm).tolist()
        known = Known(self.model.settings, names, self._own, siblings, lesser, self.minutes, sent)
        yield from facts_of_log(known)
        yield from facts_of_minutes(known)
        yield from self._of_ledger()

    def _of_life(self) -> Iterator[Fact]:
        if self.told(self.born):
            yield Fact(self.born, "born")
        warm_up = self.world.warm_up
        ended_by_protection = {row.week for row in self._own if row.stage == "harm_ended_by_protection"}
        for spell in self._spells:
            variant = "" if spell.significant else "need"
            onset, end = spell.onset + warm_up, spell.end + warm_up
            if self.told(onset):
                yield Fact(onset, "harm_began", value=spell.severity, variant=variant)
            if self.told(end) and end not in ended_by_protection and end != self.born + CHILDHOOD:
                yield Fact(end, "harm_ended", variant=variant)
        needs = self.world.needs
        for row in np.flatnonzero(needs.child == self.child).tolist():
            if self.told(int(needs.start[row])):
                reason = NEEDS[OTHER_NEEDS[needs.reason[row]]]
                yield Fact(int(needs.start[row]), "need_began", more={"reason": reason})

    def _of_moves(self) -> Iterator[Fact]:
        """Changes of school, practice and authority between the ends of two weeks."""
        for before, after in pairwise(self.weeks):
            if before.authority[self.at] != after.authority[self.at]:
                to = self.model.authority_names[int(after.authority[self.at])]
                yield Fact(after.week, "moved_authority", more={"to": to})
            old, new = before.pieces.site[self.at], after.pieces.site[self.at]
            for kind in np.flatnonzero(old != new):
                names = {"who": self.name(new[kind]), "before": self.name(old[kind])}
                yield Fact(after.week, "moved", int(new[kind]), more=names)

    def _of_ledger(self) -> Iterator[Fact]:
        for spell in self._spells:
            if spell.deadline is None or spell.result is None:
                continue
            week, weeks = spell.deadline + self.world.warm_up, spell.deadline - spell.onset
            if self.told(week):
                when = (
                    "At the serious event" if spell.serious == spell.deadline else f"After {in_weeks(weeks)}"
                )
                more = {"deadline": when, "outcome": OUTCOMES[spell.result]}
                yield Fact(week, "judged", more=more)

    def _entry(self, fact: Fact) -> Entry:
        stage = STAGES[fact.stage]
        shown = fact.judged if stage.by == "care" and fact.judged is not None else fact.evidence
        numbers = {
            "value": fact.value,
            "evidence": fact.evidence,
            "judged": fact.judged,
            "threshold": fact.threshold,
        }
        who, kind = self._who(fact, stage.by)
        return Entry(
            week=self.since_start(fact.week),
            date=self.day(fact.week),
            who=who,
            kind=kind,
            agency=fact.site,
            stage=fact.stage,
            says=stage.sentence(fact.variant, numbers | dict(fact.more)),
            evidence=_number(shown),
            threshold=_number(fact.threshold),
            seen=stage.seen,
        )

    def _who(self, fact: Fact, by: str) -> tuple[str, str]:
        """Name and kind of who acts."""
        if by == "agency" and fact.site >= 0:
            return self.name(fact.site), self.model.nodes.kinds[fact.site]
        if by == "life":
            return "the child", LIFE
        return (self._door(fact.week) if by == "door" else "social care"), SOCIAL_CARE

    def _door(self, week: int) -> str:
        first = self.weeks[0].week
        at = min(max(week - first, 0), len(self.weeks) - 1)
        return self.name(self.model.nodes.organisations + int(self.weeks[at].authority[self.at]))

    # Messages, stages of social care, files.

    @cached_property
    def _followed(self) -> list[tuple[Message, Happened | None]]:
        nodes = self.model.nodes
        return follow(self._own, self.world.warm_up, nodes.names, nodes.kinds)

    def _care(self) -> Iterator[Stretch]:
        known = [week for week in self.weeks if week.status[self.at] not in (Status.CLOSED, Status.GROWN_UP)]
        for (status, _), weeks in groupby(
            enumerate(known), key=lambda item: (item[1].status[self.at], item[1].week - item[0])
        ):
            stretch = [week.week for _, week in weeks]
            start, end = self.since_start(stretch[0]), self.since_start(stretch[-1] + 1)
            yield Stretch(STATUSES[status], start, end)

    def _protection(self) -> Iterator[Stretch]:
        """Stretches of effective protection in the weeks told."""
        log = self.model.casework.log
        weeks = {
            what: np.sort(events.week[events.child == self.child]).tolist()
            for what, events in (
                (what, log.of(OCCURRENCES.index(what))) for what in ("effective_from", "effective_until")
            )
        }
        ends = [*weeks["effective_until"], NEVER]
        for start, end in zip(weeks["effective_from"], ends, strict=False):
            start, end = max(start, self.focus.first), min(end, self.focus.last + 1)  # noqa: PLW2901
            if start < end:
                yield Stretch("protected", self.since_start(start), self.since_start(end))

    def _files(self) -> pd.DataFrame:
        rows = [
            row for week in self.weeks if self._is_child(self.child, week.week) for row in self._on_file(week)
        ]
        return pd.DataFrame(rows, columns=list(FILES))

    def _on_file(self, week: Week) -> Iterator[tuple[Any, ...]]:
        pieces, at = week.pieces, self.at
        when = self.since_start(week.week), self.day(week.week)
        together = float(pieces.pooled[at]), float(pieces.lowest[at])
        for kind, (site, held, threshold) in enumerate(
            zip(
                pieces.site[at].tolist(), pieces.held[at].tolist(), pieces.threshold[at].tolist(), strict=True
            )
        ):
            yield *when, self.name(site), self.model.kinds[kind], held, threshold, *together
        own = float(week.belief[at]), float(week.door_threshold[at])
        yield *when, self._door(week.week), SOCIAL_CARE, *own, *together

    def _jigsaw(self) -> Jigsaw | None:
        turn = self._turn()
        week = next((week for week in self.weeks if week.week == turn), None)
        if week is None:
            return None
        pieces, at = week.pieces, self.at
        return Jigsaw(
            week=self.since_start(week.week),
            date=self.day(week.week),
            pieces=tuple(
                Piece(self.name(site), self.model.kinds[kind], held, _number(threshold), live)
                for kind, (site, held, threshold, live) in enumerate(
                    zip(
                        *(
                            column[at].tolist()
                            for column in (pieces.site, pieces.held, pieces.threshold, pieces.live)
                        ),
                        strict=True,
                    )
                )
            ),
            pooled=float(pieces.pooled[at]),
            lowest_threshold=_number(float(pieces.lowest[at])),
        )

    def _turn(self) -> int:
        """Week that the story turns on: the deadline of its spell, or the week given."""
        for spell in self._spells:
            if self.focus.onset == spell.onset + self.world.warm_up and spell.deadline is not None:
                return spell.deadline + self.world.warm_up
        return self.focus.week


def _place_in_the_week(fact: Fact) -> tuple[int, int, int, int]:
    """Agencies act side by side, each from noticing to telling; what comes before and after is common to all."""
    order = ORDER[fact.stage]
    if order < ORDER["passed_by"]:
        return fact.week, 0, 0, order
    return (fact.week, 1, fact.site, order) if order <= ORDER["misdirected"] else (fact.week, 2, 0, order)


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
