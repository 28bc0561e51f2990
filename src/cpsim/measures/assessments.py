"""Assessments of families: what social care found, and what was true (the cross-table found x true).

An assessment begins with an initial assessment, or with an enquiry about a child who has a service. It ends with a
finding: no need, need (a service) or harm (a child protection conference). Children of a family whose assessments go
back to contacts of the same week are one assessment. What was true is the family's gravest state from
`measures.before_contact_weeks` before the contact to the end of the assessment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cpsim.arrays import Bools, Ints
from cpsim.casework.log import FinishedLog, Occurrence
from cpsim.constants import NEVER
from cpsim.measures.conditions import STATES, FamilyStates
from cpsim.measures.intervals import EventTimes

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from cpsim.scenario.sections import MeasureSettings
    from cpsim.world import World

FINDINGS: Final[dict[str, str]] = {
    "not_in_need": "Not in need",
    "in_need": "In need",
    "harm": "Harm",
}
"""Finding of an assessment: code -> name. Harm is a conference after a section 47 enquiry."""

LIKELY_HARM: Final = list(STATES).index("likely_harm")
NEITHER: Final = list(STATES).index("neither")


@dataclass(frozen=True)
class Assessments:
    """Assessments of families that have ended, in order of family and contact; shapes (G,).

    Attributes:
        family: row of the family, int64.
        child: row of one of the children assessed, int64.
        children: number of children assessed, int64.
        contact: week of the contact, int64.
        start, end: weeks in which the first assessment began and the last one ended, int64.
        enquiry: whether a section 47 enquiry was made, bool.
        found: index into `FINDINGS` of the gravest finding, int8.
        true: index into `STATES`, int8.

    >>> from cpsim import ChildProtectionModel
    >>> town = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
    >>> model = ChildProtectionModel(town, seed=7, collect=False)
    >>> while model.running:
    ...     model.step()
    >>> assessments = model.columns().assessments
    >>> first_year = assessments.select_weeks(52, 104)
    >>> len(first_year.family) <= len(assessments.family)
    True
    >>> bool((first_year.contact <= first_year.start).all() and (first_year.start <= first_year.end).all())
    True
    """

    family: Ints
    child: Ints
    children: Ints
    contact: Ints
    start: Ints
    end: Ints
    enquiry: Bools
    found: NDArray[np.int8]
    true: NDArray[np.int8]

    def select_weeks(self, first: int, end: int) -> Assessments:
        """Select the assessments that ended in weeks `first` to `end` (exclusive)."""
        rows = (self.end >= first) & (self.end < end)
        return Assessments(**{name: column[rows] for name, column in vars(self).items()})


@dataclass(frozen=True)
class _ChildAssessments:
    """Assessments of children that have ended; shapes (C,)."""

    child: Ints
    contact: Ints
    start: Ints
    end: Ints
    enquiry: Bools
    found: Ints


def find_assessments(
    settings: MeasureSettings, world: World, events: FinishedLog, families: FamilyStates | None = None
) -> Assessments:
    """Find all assessments of families that have ended.

    Args:
        settings: the weeks before a contact that count, and the cut-offs of need.
        world: the children, spells and needs.
        events: the log of the run.
        families: the states of families, if they have been collected.
    """
    parts = [_find_initial(events), _find_enquiries_alone(events)]
    child, contact, start, end, enquiry, found = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("child", "contact", "start", "end", "enquiry", "found")
    )
    family = world.children.family[child].astype(np.int64)
    order = np.lexsort((child, contact, family))
    family, contact = family[order], contact[order]
    first = np.flatnonzero(np.diff(family, prepend=-1) | np.diff(contact, prepend=-NEVER))
    empty = not len(family)

    def combine(how: np.ufunc, column: Ints) -> Ints:
        combined: Ints = column if empty else how.reduceat(column[order], first)
        return combined

    family, contact = family[first], contact[first]
    last = combine(np.maximum, end)
    families = families or FamilyStates.of(settings, world, events)
    return Assessments(
        family=family,
        child=child[order][first],
        children=np.diff(np.append(first, len(order))),
        contact=contact,
        start=combine(np.minimum, start),
        end=last,
        enquiry=combine(np.maximum, enquiry.astype(np.int64)) > 0,
        found=combine(np.maximum, found).astype(np.int8),
        true=families.find(family, contact - settings.before_contact_weeks, last),
    )


def _index(events: FinishedLog, *occurrences: int) -> EventTimes:
    """Index the events of some kinds by child."""
    logged = [events.select(occurrence) for occurrence in occurrences]
    return EventTimes(
        np.concatenate([each.child for each in logged]), np.concatenate([each.week for each in logged])
    )


def _find_initial(events: FinishedLog) -> _ChildAssessments:
    """Find the assessments that began with an initial assessment, with the core assessment or enquiry that followed."""
    started = events.select(Occurrence.INITIAL_STARTED)
    child, start = started.child.astype(np.int64), started.week.astype(np.int64)
    initial = _index(events, Occurrence.INITIAL_FINISHED).find_first(child, start)
    settled = _index(events, Occurrence.NO_FURTHER_ACTION, Occurrence.IN_NEED_STARTED).count_between(
        child, initial, initial
    )
    later = _index(events, Occurrence.CORE_FINISHED).find_first(child, initial)
    end = np.where(settled > 0, initial, later)
    contact = _index(events, Occurrence.REFERRED).find_last(child, start)
    enquiry = _index(events, Occurrence.ENQUIRY_STARTED).count_between(child, initial + 1, end) > 0
    return _finish(events, child, contact, start, end, enquiry)


def _find_enquiries_alone(events: FinishedLog) -> _ChildAssessments:
    """Find the enquiries about children who had a service, so that no initial assessment came before."""
    started = events.select(Occurrence.ENQUIRY_STARTED)
    child, start = started.child.astype(np.int64), started.week.astype(np.int64)
    service = _index(events, Occurrence.IN_NEED_STARTED).find_last(child, start)
    initial = _index(events, Occurrence.INITIAL_FINISHED).find_last(child, start)
    alone = (service >= initial) & (service > -NEVER)
    child, start = child[alone], start[alone]
    end = _index(events, Occurrence.ENQUIRY_FINISHED).find_first(child, start)
    contact = _index(events, Occurrence.DELIVERED).find_last(child, start)
    return _finish(events, child, contact, start, end, np.ones(len(child), np.bool_))


def _finish(
    events: FinishedLog, child: Ints, contact: Ints, start: Ints, end: Ints, enquiry: Bools
) -> _ChildAssessments:
    """Add the findings of assessments, and leave out those that have not ended."""
    nothing = _index(events, Occurrence.NO_FURTHER_ACTION).count_between(child, end, end) > 0
    need = _index(events, Occurrence.IN_NEED_STARTED).count_between(child, end, end) > 0
    found = np.select([nothing, need], [0, 1], 2)
    ended = (end < NEVER) & (contact > -NEVER)
    return _ChildAssessments(
        child[ended], contact[ended], start[ended], end[ended], enquiry[ended], found[ended]
    )


def build_assessments_table(world: World, assessments: Assessments) -> pd.DataFrame:
    """Build the table of assessments: one row for each family and contact.

    Args:
        world: the children and where they live.
        assessments: the assessments to include.

    Returns:
        Columns as in `cpsim.results.TABLES["assessments"]`.
    """
    import pandas as pd

    authority, _ = world.residence.find_at(assessments.child, assessments.end)
    week0 = world.warm_up
    return pd.DataFrame(
        {
            "family": assessments.family,
            "authority": authority,
            "children": assessments.children,
            "contact": assessments.contact - week0,
            "start": assessments.start - week0,
            "end": assessments.end - week0,
            "enquiry": assessments.enquiry,
            "found": pd.Categorical.from_codes(assessments.found, categories=pd.Index(list(FINDINGS))),
            "true": pd.Categorical.from_codes(assessments.true, categories=pd.Index(list(STATES))),
        }
    )
