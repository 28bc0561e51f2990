"""The columns of the tables of a run: type, meaning and limits of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from cpsim.results.names import (
    CONDITIONS,
    COURSES,
    FAILURES,
    FINDINGS,
    RESULTS,
    SERVICES,
    STATES,
    STOP_PARTS,
    STOPS,
    TIERS,
)

PHASES = ("warm_up", "evaluated", "run_off")
"""Phases of a run; `run_off` is the follow-up."""
GROUPS = ("larger", "smaller")
"""The two groups of the population."""

Row = Literal["week", "child", "family", "authority", "agency"]
"""What a column of row numbers or weeks refers to; its limits depend on the run."""


@dataclass(frozen=True)
class TableColumn:
    """The description of a column of a table.

    A category column without fixed `categories` holds names from the scenario or the engine. Its categories are
    sorted, so that equal tables are written as equal bytes.

    Attributes:
        dtype: its pandas dtype.
        meaning: what it holds, with the unit.
        categories: the categories that it may hold, if they are fixed.
        low: the lowest value that it may hold, if there is one.
        high: the highest value that it may hold, if there is one.
        refers_to: what its values are weeks or rows of, if anything.
        optional: whether names or categories may be empty; an empty number is always allowed if its dtype has one.

    >>> onset = TABLES["spells"]["onset"]
    >>> onset.dtype, onset.meaning
    ('int32', 'Week in which the harm began.')
    """

    dtype: str
    meaning: str
    categories: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    refers_to: Row | None = None
    optional: bool = False


def _count(meaning: str, low: int | None = 0, high: int | None = None) -> TableColumn:
    return TableColumn("int32", meaning, low=low, high=high)


def _row(meaning: str, refers_to: Row | None, low: int | None = 0) -> TableColumn:
    return TableColumn("int32", meaning, low=low, refers_to=refers_to)


def _rate(meaning: str, low: float | None = 0, high: float | None = None) -> TableColumn:
    return TableColumn("float64", meaning, low=low, high=high)


def _share(meaning: str) -> TableColumn:
    return _rate(meaning, high=1)


def _week(meaning: str, refers_to: Row | None = "week") -> TableColumn:
    text = f"Week {meaning}; empty if never. Week 0 is the first evaluated week."
    return TableColumn("Int32", text, refers_to=refers_to)


def _category(meaning: str, categories: Iterable[str] = (), *, optional: bool = False) -> TableColumn:
    return TableColumn("category", meaning, tuple(categories), optional=optional)


WEEKLY: dict[str, TableColumn] = {
    "week": _row(
        "Week; 0 is the first evaluated week, and weeks of the warm-up are negative.", "week", low=None
    ),
    "date": TableColumn("datetime64[ms]", "First day of the week."),
    "phase": _category(
        "Phase of the run: warm-up, evaluated years, or run-off (follow-up of open spells).", PHASES
    ),
    "children": _count("Children under 18."),
    "in_harm": _count("Children in significant harm."),
    "in_harm_untreated": _count("Children who would be in significant harm without protective intervention."),
    "in_harm_unprotected": _count("Children in significant harm without effective protection."),
    "in_need": _count("Children in need but not in significant harm."),
    "additional_needs": _count(
        "Children with additional needs, but neither in need nor in significant harm."
    ),
    "contacts": _count("Contacts that reach the front door."),
    "referrals": _count("Contacts accepted as referrals."),
    "repeat_referrals": _count(
        "Referrals of children who had been referred before within the last 12 months."
    ),
    "initial_started": _count("Initial assessments started."),
    "initial_finished": _count("Initial assessments completed."),
    "initial_on_time": _count("Initial assessments completed within the statutory time limit."),
    "core_started": _count("Core assessments started."),
    "core_finished": _count("Core assessments completed."),
    "core_on_time": _count("Core assessments completed within the statutory time limit."),
    "s47_started": _count("Section 47 enquiries started."),
    "conferences": _count("Children for whom an initial child protection conference was held."),
    "plans_started": _count("Child protection plans started."),
    "repeat_plans": _count("Child protection plans started for children who had been on a plan before."),
    "plans_ended": _count("Child protection plans ended."),
    "on_plan": _count("Children on a child protection plan."),
    "in_need_service": _count("Children receiving a child-in-need service."),
    "in_care": _count("Children in care."),
    "care_starts": _count("Children who entered care."),
    "deadlines_<horizon>w": _count("Spells of harm whose deadline fell in this week."),
    "missed_<horizon>w": _count("Spells missed at their deadline in this week."),
    "protected_<horizon>w": _count("Spells protected by their deadline in this week."),
    "self_resolved_<horizon>w": _count(
        "Spells that ended without protection by their deadline in this week."
    ),
    "censored_<horizon>w": _count("Spells that could not be followed to their deadline in this week."),
    "serious_events": _count("First serious event (death or injury) in a spell of harm."),
    **{
        f"assessed_{state}": _count(
            f"Families whose assessment ended in this week; what was true of them, at its gravest: {name.lower()}."
        )
        for state, name in STATES.items()
    },
    "needless_service_families": _count(
        "Families with a service, plan or care in whom no child was in harm, present or likely, in need or with "
        "additional needs."
    ),
    "pooled_alarms": _count(
        "Children whose pooled records crossed the baseline's threshold for a referral, for the first time in half a"
        " year."
    ),
    "pooled_alarms_true": _count(
        "Those of them who were in significant harm, or in whom it began within the weeks that count as likely."
    ),
    "hours_demanded": _rate("Social-work hours demanded."),
    "hours_available": _rate("Social-work hours available for casework."),
    "hours_paid": _rate("Social-work hours paid for, including those not spent on casework."),
    "pool_participation": _share(
        "Share of the money for joint packages that is held in pooled budgets, 0 to 1."
    ),
    "pooling_gbp": _rate(
        "Money for services that is spent on setting up and running pooled budgets, in GBP."
    ),
    "utilisation": _rate("Hours demanded for each hour available; missing in a week without any."),
    "caseload_mean": _rate("Children with an open case for each case-holding social worker in post."),
    "vacancy_share": _share("Share of posts that are vacant, 0 to 1."),
    "posts": _count("Social-work posts, filled or vacant."),
    "exits": _count("Social workers who left."),
    "trust_mean": _share("Mean trust on ties between agencies, 0 to 1; missing without ties."),
    "messages_sent": _count("Messages of concern sent to a front door."),
    "messages_delivered": _count("Messages that arrived at a front door."),
    "messages_lost": _count("Messages that were lost on the way."),
    "consultations": _count("Consultations between partner agencies."),
    "contacts_from_<kind>": _count("Contacts made by this kind of agency."),
    "referrals_from_<kind>": _count("Referrals whose first message came from this kind of agency."),
}

SPELLS: dict[str, TableColumn] = {
    "child": _row("Row of the child.", "child"),
    "family": _row("Row of the family.", "family"),
    "authority": _row("Row of the local authority.", "authority"),
    "area": _count("Row of the area at onset."),
    "decile": _count("Deprivation decile of the area, from 1 (least deprived) to 10 (most deprived).", 1, 10),
    "group": _category("Group of the population to which the family belongs.", GROUPS),
    "age_years": _rate("Age at onset, in years.", high=18),
    "onset": _row("Week in which the harm began.", "week"),
    "end_untreated": _week("in which the harm would have ended without protection", refers_to=None),
    "end_actual": _week("in which the harm ended", refers_to=None),
    "severity": _rate("Severity; 1 is a typical child in need."),
    "severe": TableColumn("bool", "Whether the severity is in the highest fifth of the drawn distribution."),
    "course": _category("Course: chronic if the spell would last at least half a year undisturbed.", COURSES),
    "serious_week": _week("of the first serious event"),
    "first_contact": _week("of the child's first contact with a practitioner after onset"),
    "first_notice": _week("in which an agency first noticed a sign"),
    "first_record": _week("in which a sign was first recorded"),
    "first_threshold": _week("in which an agency's evidence first crossed its threshold for sharing"),
    "first_share": _week("in which a concern was first sent to a front door"),
    "first_delivery": _week("in which a concern first arrived at a front door"),
    "first_referral": _week("in which a contact was first accepted as a referral"),
    "first_assessment": _week("in which an assessment first started"),
    "shared_by": _category("Kind of the agency that first sent a concern; empty if none did.", optional=True),
    "referred_by": _category(
        "Kind of the agency whose message was first accepted; empty if none was.", optional=True
    ),
    "first_protected": _week("in which the child was first effectively protected"),
    "result_<weeks>w": _category(
        "Result of the spell so many weeks after onset, or at the first serious event if earlier.", RESULTS
    ),
    "protected_strictly": TableColumn(
        "bool",
        "Whether a plan or care protected the child in time, or a service a child whose harm is below the threshold "
        "for a plan.",
    ),
    "failed": _category(
        "How it failed; empty unless missed at the primary horizon.", FAILURES, optional=True
    ),
    "had": _category(
        "How much the agencies had while there was time; empty unless missed and enough.",
        TIERS,
        optional=True,
    ),
    "stopped_at": _category(
        "Where the chain of concern stopped; empty unless missed at the primary horizon.",
        STOPS,
        optional=True,
    ),
    "stopped_at_part": _category(
        "Where the chain of concern stopped, with its part, such as C3b; empty unless missed at the primary horizon.",
        STOP_PARTS,
        optional=True,
    ),
    "new_harm_after_closure": TableColumn(
        "bool",
        "Whether it was missed and began within 26 weeks after a case was closed while the child was not in harm.",
    ),
}

CHILDREN: dict[str, TableColumn] = {
    "child": _row("Row of the child.", "child"),
    "family": _row("Row of the family.", "family"),
    "authority": _row("Row of the local authority in week 0, or at birth if later.", "authority"),
    "decile": _count("Deprivation decile of the area, from 1 (least deprived) to 10 (most deprived).", 1, 10),
    "group": _category("Group of the population to which the family belongs.", GROUPS),
    "birth": _row("Week of birth; the child turns 18 after 936 weeks.", None, low=None),
    "first_referral": _week("of the first referral"),
}

CONDITION_COLUMNS: dict[str, TableColumn] = {
    "child": _row("Row of the child.", "child"),
    "family": _row("Row of the family.", "family"),
    "condition": _category(
        "A spell of adversity by its severity (harm, need, additional_needs), or another need.", CONDITIONS
    ),
    "severity": _rate("Severity of a spell of adversity; empty for another need."),
    "start": _row("First week.", None, low=None),
    "end_untreated": _row("First week after it without protective intervention.", None, low=None),
    "end_actual": _row("First week after it.", None, low=None),
}

SERVICE_COLUMNS: dict[str, TableColumn] = {
    "child": _row("Row of the child.", "child"),
    "family": _row("Row of the family.", "family"),
    "service": _category(
        "Child-in-need service, child protection plan or care; or effective protection by any of them.",
        SERVICES,
    ),
    "start": _row("First week.", None, low=None),
    "end": TableColumn("Int32", "First week after it; empty if it had not ended at the end of the run."),
}

ASSESSMENTS: dict[str, TableColumn] = {
    "family": _row("Row of the family.", "family"),
    "authority": _row("Row of the local authority.", "authority"),
    "children": _count("Children assessed.", 1),
    "contact": _row("Week of the contact.", "week", low=None),
    "start": _row("Week in which the first assessment began.", "week", low=None),
    "end": _row("Week in which the last assessment ended.", "week"),
    "enquiry": TableColumn("bool", "Whether a section 47 enquiry was made."),
    "found": _category("Gravest finding.", FINDINGS),
    "true": _category(
        "Gravest state of the family from 13 weeks before the contact to the end of the assessment.", STATES
    ),
}

AGENCIES: dict[str, TableColumn] = {
    "agency": _row("Row of the organisation.", "agency"),
    "name": TableColumn("str", "Name of the organisation."),
    "kind": _category("Kind of agency."),
    "authority": _row("Row of the local authority.", "authority"),
    "area": _count("Row of the area; -1 if it serves the whole authority.", low=-1),
    "children": _count("Children whom it serves at the end of the run."),
    "attention": _share("Probability that a visible sign is noticed here."),
    "recording": _share("Probability that a noticed sign is recorded."),
    "share_threshold": _rate(
        "Threshold for sharing: evidence above which it usually shares, log-odds.", low=None
    ),
    "noticed": _count("Signs noticed in the evaluated years."),
    "recorded": _count("Signs recorded in the evaluated years."),
    "consulted": _count("Consultations with partners in the evaluated years."),
    "shared": _count("Concerns sent to the front door in the evaluated years."),
}

TIES: dict[str, TableColumn] = {
    "source": TableColumn("str", "Organisation that sends."),
    "target": TableColumn("str", "Organisation that receives."),
    "source_kind": _category("Kind of agency of the source."),
    "target_kind": _category("Kind of agency of the target."),
    "role": _category(
        "Role of the tie: referral (to the front door) or lateral (between partner agencies).",
        ("referral", "lateral"),
    ),
    "trust": _share("Trust at the end of the run, 0 to 1."),
    "uses": _count("Messages and consultations sent since the start of the warm-up."),
    "delivered": _count("Messages and consultations that arrived since the start of the warm-up."),
}

EVENTS: dict[str, TableColumn] = {
    "week": _row("Week; 0 is the first evaluated week.", "week", low=None),
    "child": _row("Row of the child.", "child"),
    "stage": _category("What happened; see the list of stages."),
    "agency": _row("Row of the organisation that acted; -1 for children's social care.", "agency", low=-1),
    "value": TableColumn("float32", "Evidence, score or weeks, depending on the stage."),
}

PLACES: dict[str, TableColumn] = {
    "authority": _row("Row of the local authority.", "authority"),
    "name": TableColumn("str", "Name of the local authority."),
    "year": _count("Evaluated year, counted from 1.", 1),
    "children": _rate("Children under 18 who live there, in an average week."),
    "referrals": _count("Contacts accepted as referrals."),
    "initial_finished": _count("Initial assessments completed."),
    "initial_on_time": _count("Initial assessments completed within the statutory time limit."),
    "s47_started": _count("Section 47 enquiries started."),
    "plans_started": _count("Child protection plans started."),
    "spells": _count("Spells of significant harm that began in this year, of children who live there."),
    "missed": _count("Spells that began in this year and were missed."),
    "protected": _count("Spells that began in this year and were protected in time."),
    "self_resolved": _count("Spells that began in this year and ended without protection."),
    "censored": _count("Spells that began in this year and could not be followed to the deadline."),
    "serious_events": _count("First serious event (death or injury) in a spell of harm."),
    "assessed_neither": _count("Families whose assessment ended, with neither need nor harm."),
    "harm_weeks": _count("Weeks in significant harm in spells of children who were living there at onset."),
    "harm_weeks_unprotected": _count("Those of them without effective protection."),
    "messages_sent": _count("Messages of concern about children who live there."),
    "messages_lost": _count("Messages of concern about children who live there that were lost on the way."),
    "messages_misdirected": _count("Messages about children who live there that went to another authority."),
    "hours_demanded": _rate("Social-work hours demanded."),
    "hours_available": _rate("Social-work hours available."),
    "front_door_load": _rate("Load of its front door as its staff perceive it, mean over weeks.", low=None),
    "vacancy_share": _share("Share of posts that were vacant, mean over weeks, 0 to 1."),
}

RATINGS: dict[str, TableColumn] = {
    "week": _row("Week; 0 is the first evaluated week.", "week", low=None),
    "authority": _row("Row of the local authority.", "authority"),
    "service": _category(
        "Service that was inspected; adult services are a comparator that no lever affects.",
        ("children", "adults"),
    ),
    "score": _rate("Score that the inspectors gave, in standard deviations between authorities.", low=None),
    "grade": _count("Grade, from 1 (lowest) to 4 (highest).", 1, 4),
    "quality": _rate("True quality, in the same unit.", low=None),
    "gaming": _rate("Amount by which returns overstated quality, in the same unit.", low=None),
}

Tables = Mapping[str, Mapping[str, TableColumn]]

TABLES: dict[str, dict[str, TableColumn]] = {
    "weekly": WEEKLY,
    "spells": SPELLS,
    "children": CHILDREN,
    "conditions": CONDITION_COLUMNS,
    "services": SERVICE_COLUMNS,
    "assessments": ASSESSMENTS,
    "agencies": AGENCIES,
    "ties": TIES,
    "events": EVENTS,
    "authorities": PLACES,
    "ratings": RATINGS,
}
"""Table -> column -> its description.

In the name of a column `<kind>` stands for each kind of agency in the scenario, `<horizon>` for the primary horizon in
weeks (13 by default), and `<weeks>` for each horizon (4, 13, 26 and 52 by default).
"""
