"""Counts that outcomes need beyond the tables of a run; those of the tiles of a large scenario are summed.

>>> from cpsim.measures.outcomes.counts import COUNTS
>>> COUNTS["court_applications"].__doc__
'Applications for a care order.'
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from cpsim.casework.log import Occurrence
from cpsim.constants import WEEKS_PER_YEAR
from cpsim.measures.assessments import FINDINGS, LIKELY_HARM, NEITHER
from cpsim.measures.conditions import CONDITIONS, STATES, actual_end, child_harm_intervals, name_conditions
from cpsim.measures.equity import (
    compare_by_deprivation,
    compare_by_group,
    count_child_weeks,
    count_in_families,
)
from cpsim.measures.intervals import Episodes, EventTimes
from cpsim.measures.ledger import select_evaluated_spells
from cpsim.measures.services import find_services

if TYPE_CHECKING:
    from cpsim.arrays import Bools, Ints
    from cpsim.casework.log import Events
    from cpsim.measures.outcomes.columns import Columns

_PRECEDED_BY: Final = 4  # weeks in harm before a serious event
_ASSESSMENT_WITHIN: Final = 26  # weeks after a referral in which its assessment must start
_IN_TIME_FOR_DELIVERY: Final = 4  # weeks
_SHARED_WITHIN: Final = 4  # weeks after an agency's evidence crossed its threshold
_QUARTER: Final = 13  # weeks

BANDS: Final = ("additional_needs", "need", "harm")
"""Bands of the severity of adversity, the lowest first."""

COUNTS: Final[dict[str, Callable[[Columns], float]]] = {}
"""Name -> function that computes a count of a run over the evaluated weeks."""

GROUPS: Final = ("most_deprived", "least_deprived", "smaller_group", "larger_group")
"""Groups of children whose assessments without need or harm, and weeks, are counted."""


def _count(function: Callable[[Columns], float]) -> Callable[[Columns], float]:
    COUNTS[function.__name__] = function
    return function


@_count
def court_applications(run: Columns) -> float:
    """Applications for a care order."""
    return len(run.select(Occurrence.COURT_APPLICATION).week)


@_count
def referrals_in_harm(run: Columns) -> float:
    """Referrals of a child who was in significant harm in that week."""
    return float(_is_in_harm(run, run.select(Occurrence.REFERRED)).sum())


@_count
def contacts_in_harm(run: Columns) -> float:
    """Contacts about a child who was in significant harm in that week."""
    return float(_is_in_harm(run, run.select(Occurrence.SCREENED_OUT)).sum()) + referrals_in_harm(run)


def _is_in_harm(run: Columns, events: Events) -> Bools:
    """Whether the child of each event was in significant harm in that week, shape (E,)."""
    in_harm: Bools = child_harm_intervals(run.world, run.events).count_open(events.child, events.week) > 0
    return in_harm


@_count
def referrals_assessed(run: Columns) -> float:
    """Referrals that were followed by an initial assessment before the child's next referral."""
    referred, all_referred = run.select(Occurrence.REFERRED), run.events.select(Occurrence.REFERRED)
    started = run.events.select(Occurrence.INITIAL_STARTED)
    assessed = EventTimes(started.child, started.week).find_first(referred.child, referred.week)
    again = EventTimes(all_referred.child, all_referred.week).find_first(referred.child, referred.week + 1)
    # An assessment belongs to the child's last referral before it.
    return float(((assessed <= referred.week + _ASSESSMENT_WITHIN) & (assessed < again)).sum())


@_count
def weeks_on_ended_plans(run: Columns) -> float:
    """Length of the child protection plans that ended, in weeks."""
    return float(run.select(Occurrence.PLAN_ENDED).value.sum(dtype=np.float64))


@_count
def long_plans_ended(run: Columns) -> float:
    """Child protection plans that had lasted more than two years when they ended."""
    return float((run.select(Occurrence.PLAN_ENDED).value > 2 * WEEKS_PER_YEAR).sum())


@_count
def children_turning_five(run: Columns) -> float:
    """Children born in the run who turned five."""
    return len(_find_turned_five(run))


@_count
def children_referred_by_five(run: Columns) -> float:
    """Children born in the run who turned five and had been referred at least once."""
    turned, birth = _find_turned_five(run), run.world.children.birth
    referred = run.events.select(Occurrence.REFERRED)
    number = EventTimes(referred.child, referred.week).count_between(
        turned, birth[turned], birth[turned] + 5 * WEEKS_PER_YEAR - 1
    )
    return float((number > 0).sum())


def _find_turned_five(run: Columns) -> Ints:
    """Find the children who turned five; only those born in the run, since earlier referrals are not known."""
    five = 5 * WEEKS_PER_YEAR
    world, birth = run.world, run.world.children.birth
    turned: Ints = np.flatnonzero(
        (birth >= 0)
        & (birth + five >= world.warm_up)
        & (birth + five < world.warm_up + world.evaluated_weeks)
    )
    return turned


@_count
def serious_events_after_4_weeks(run: Columns) -> float:
    """First serious events in a spell of harm that were preceded by at least 4 weeks of harm."""
    serious = run.select(Occurrence.SERIOUS_EVENT)
    weeks_in_harm = serious.week - run.world.spells.onset[serious.value.astype(np.int64)]
    return int((weeks_in_harm >= _PRECEDED_BY).sum())


@_count
def messages_delivered_in_time(run: Columns) -> float:
    """Messages that were read at the right front door within 4 weeks."""
    sent, delivered = run.select(Occurrence.SHARED), run.events.select(Occurrence.DELIVERED)
    sites = len(run.world.sites.kind)
    arrived = EventTimes(delivered.child.astype(np.int64) * sites + delivered.site, delivered.week)
    key = sent.child.astype(np.int64) * sites + sent.site
    return float((arrived.count_between(key, sent.week, sent.week + _IN_TIME_FOR_DELIVERY) > 0).sum())


def find_first_crossings(run: Columns) -> tuple[Ints, Bools]:
    """Find the first crossing of each organisation about each evaluated spell.

    Returns:
        The organisation, and whether it sent a message about the child within 4 weeks, shapes (n,).
    """
    spells, sites = run.world.spells, len(run.world.sites.kind)
    crossed, sent = run.events.select(Occurrence.THRESHOLD_CROSSED), run.events.select(Occurrence.SHARED)
    evaluated = np.zeros(len(spells.child), np.bool_)
    evaluated[select_evaluated_spells(run.world)] = True
    row, spell = spells.find_by_child(crossed.child)
    week = crossed.week[row].astype(np.int64)
    during = evaluated[spell] & (week >= spells.onset[spell]) & (week < spells.end[spell])
    row, spell, week = row[during], spell[during], week[during]
    _, first = np.unique(spell * sites + crossed.site[row], return_index=True)  # events are in order of week
    row, week = row[first], week[first]
    child, site = crossed.child[row].astype(np.int64), crossed.site[row].astype(np.int64)
    messages = EventTimes(sent.child.astype(np.int64) * sites + sent.site, sent.week)
    return site, messages.count_between(child * sites + site, week, week + _SHARED_WITHIN) > 0


@_count
def first_crossings(run: Columns) -> float:
    """First crossings of an organisation's threshold by its evidence about a spell of harm."""
    return len(find_first_crossings(run)[0])


@_count
def first_crossings_shared(run: Columns) -> float:
    """First crossings that a message followed within 4 weeks."""
    return float(find_first_crossings(run)[1].sum())


@_count
def quarters_with_signs(run: Columns) -> float:
    """Organisations that noticed a sign in a quarter of a year, summed over quarters."""
    return len(_list_active(run, Occurrence.NOTICED))


@_count
def quarters_with_sharing(run: Columns) -> float:
    """Organisations that noticed a sign in a quarter, and shared a concern or consulted a partner in it."""
    active = _list_active(run, Occurrence.SHARED, Occurrence.CONSULTED)
    return float(np.isin(_list_active(run, Occurrence.NOTICED), active).sum())


def _list_active(run: Columns, *occurrences: int) -> Ints:
    """List the quarters and organisations, as one number each, with an event of these kinds."""
    quarters = []
    for occurrence in occurrences:
        events = run.select(occurrence)
        quarter = (events.week.astype(np.int64) - run.world.warm_up) // _QUARTER
        quarters.append(quarter * len(run.world.sites.kind) + events.site)
    return np.unique(np.concatenate(quarters))


def _count_by_group(group: str) -> None:
    """Add the counts of a group: its assessments without need or harm, and the weeks that its children live."""

    def neither(run: Columns) -> float:
        assessed = run.evaluated_assessments
        return count_in_families(
            run.world, assessed.family[assessed.true == NEITHER], _select_group(run, group)
        )

    def weeks(run: Columns) -> float:
        return count_child_weeks(run.world, _select_group(run, group))

    COUNTS[f"assessed_neither_{group}"] = neither
    COUNTS[f"child_weeks_{group}"] = weeks


def _select_group(run: Columns, group: str) -> Bools:
    """Select the children of a group, bool, shape (N,)."""
    children = run.world.children
    members = (*compare_by_deprivation(children.decile), *compare_by_group(children.group))
    return members[GROUPS.index(group)]


def _count_band(band: str) -> None:
    """Add the counts of a band of severity: child-weeks in it, and those without a service, plan or care."""

    def find_weeks(run: Columns) -> Episodes:
        spells = run.world.spells
        rows = name_conditions(run.scenario.measures, run.world) == CONDITIONS.index(band)
        end = actual_end(run.world, run.events)
        first, last = run.weeks
        return Episodes.merge(
            spells.child[rows], np.maximum(spells.onset[rows], first), np.minimum(end[rows], last)
        )

    def all_weeks(run: Columns) -> float:
        return _sum_weeks(find_weeks(run))

    def unserved(run: Columns) -> float:
        weeks = find_weeks(run)
        return _sum_weeks(weeks) - _sum_weeks(weeks.intersect(find_services(run.events)))

    COUNTS[f"weeks_{band}"] = all_weeks
    COUNTS[f"weeks_unserved_{band}"] = unserved


def _sum_weeks(episodes: Episodes) -> float:
    return float((episodes.end - episodes.start).sum())


for _band in BANDS:
    _count_band(_band)


def _count_cell(found: int, true: int) -> None:
    """Add the count of a cell of the cross-table found x true."""

    def assessed(run: Columns) -> float:
        assessed = run.evaluated_assessments
        return float(((assessed.found == found) & (assessed.true == true)).sum())

    COUNTS[f"found_{list(FINDINGS)[found]}_true_{list(STATES)[true]}"] = assessed


@_count
def enquiries(run: Columns) -> float:
    """Section 47 enquiries in a family that have ended."""
    return float(run.evaluated_assessments.enquiry.sum())


@_count
def enquiries_without_harm(run: Columns) -> float:
    """Section 47 enquiries in a family without harm, present or likely."""
    assessed = run.evaluated_assessments
    return float((assessed.enquiry & (assessed.true > LIKELY_HARM)).sum())


for _found in range(len(FINDINGS)):
    for _true in range(len(STATES)):
        _count_cell(_found, _true)
for _group in GROUPS:
    _count_by_group(_group)
