"""The columns of the agents' tables, as attributes with a meaning, a unit and a range.

Stages and levers declare with them what they read and write. The Mesa agents inherit them, so that an attribute of an
agent is a value in its row; nothing here needs Mesa. In the examples, `model` is a `ChildProtectionModel` of one
authority, at the start of its history.
"""

from __future__ import annotations

from enum import IntEnum

from cpsim.agents.agent_column import AgentColumn
from cpsim.agents.dials import dial_column

__all__ = ["AuthorityColumns", "OrganisationColumns", "TeamColumns", "TeamRole", "WorkerColumns"]


class TeamRole(IntEnum):
    """The role of a team, with its number in the table of teams.

    >>> [role.name for role in TeamRole]
    ['FRONT_DOOR', 'ASSESSMENT', 'LONG_TERM']
    >>> (model.tables["teams"]["role"] == TeamRole.FRONT_DOOR).sum().item()
    1
    """

    FRONT_DOOR = 0
    ASSESSMENT = 1
    LONG_TERM = 2


class OrganisationColumns:
    """Columns of the table of organisations that meet children, such as schools, GP practices, trusts and police units.

    >>> OrganisationColumns.attention.__doc__
    'Probability that a noticeable sign is noticed (share)'
    >>> [organisation.attention for organisation in model.agents.select(agent_type=OrganisationColumns)][:1]
    [0.8]
    """

    kind_code = AgentColumn[int](
        "organisations",
        "kind",
        doc="Kind of agency, as an index into `model.kinds`",
        unit="index",
        settable=False,
    )
    authority = AgentColumn[int](
        "organisations", "authority", doc="Local authority it belongs to", unit="index", settable=False
    )
    area = AgentColumn[int](
        "organisations",
        "area",
        doc="Neighbourhood; -1 = the whole authority",
        unit="index",
        settable=False,
    )
    children = AgentColumn[int](
        "organisations", "children", doc="Children on its list", unit="children", settable=False
    )
    attention = AgentColumn[float](
        "organisations",
        "attention",
        doc="Probability that a noticeable sign is noticed",
        unit="share",
        low=0,
        high=1,
    )
    recording = AgentColumn[float](
        "organisations",
        "recording",
        doc="Probability that a noticed concern is recorded",
        unit="probability",
        low=0,
        high=1,
    )
    share_threshold = AgentColumn[float](
        "organisations",
        "share_threshold",
        doc="Evidence at which a practitioner here contacts children's social care half the time",
        unit="log_odds",
    )
    credibility = AgentColumn[float](
        "organisations",
        "credibility",
        doc="Weight that the front door adds to this organisation's messages",
        unit="log_odds",
    )
    conference_attendance = AgentColumn[float](
        "organisations",
        "conference_attendance",
        doc="Probability of attending a child protection conference",
        unit="probability",
        low=0,
        high=1,
    )
    workload = AgentColumn[float](
        "organisations",
        "workload",
        doc="Work relative to capacity; above 1 there is less time to share information",
        unit="ratio",
        low=0,
    )
    share_threshold_shift = dial_column("organisations.share_threshold_shift")
    group_threshold_shift = dial_column("organisations.group_threshold_shift")
    attention_factor = dial_column("organisations.attention_factor")
    group_exposure = dial_column("organisations.group_exposure")
    recording_factor = dial_column("organisations.recording_factor")
    attendance_factor = dial_column("organisations.attendance_factor")
    lookup = dial_column("organisations.lookup")
    lookup_reach = dial_column("organisations.lookup_reach")
    false_match = dial_column("organisations.false_match")
    wrong_authority = dial_column("organisations.wrong_authority")
    absorbed_by = dial_column("organisations.absorbed_by")
    file_lost = dial_column("organisations.file_lost")
    duty_bound = AgentColumn[bool](
        "organisations", "duty_bound", doc="Whether the duty to co-operate binds it", unit="true_false"
    )
    noticed = AgentColumn[int](
        "organisations", "noticed", doc="Signs noticed since the start", unit="signs", settable=False
    )
    recorded = AgentColumn[int](
        "organisations",
        "recorded",
        doc="Concerns recorded since the start",
        unit="concerns",
        settable=False,
    )
    consulted = AgentColumn[int](
        "organisations",
        "consulted",
        doc="Partners consulted since the start",
        unit="consultations",
        settable=False,
    )
    shared = AgentColumn[int](
        "organisations",
        "shared",
        doc="Messages sent to children's social care since the start",
        unit="messages",
        settable=False,
    )


class AuthorityColumns:
    """Columns of the table of local authorities.

    >>> AuthorityColumns.grade.table, AuthorityColumns.grade.column, AuthorityColumns.grade.settable
    ('authorities', 'grade', False)
    """

    children = AgentColumn[int](
        "authorities",
        "children",
        doc="Expected number of children living there",
        unit="children",
        settable=False,
    )
    deprivation = AgentColumn[float](
        "authorities",
        "deprivation",
        doc="Deprivation above the average",
        unit="deciles",
        settable=False,
    )
    resources = AgentColumn[float](
        "authorities",
        "resources",
        doc="Posts per child relative to the average",
        unit="multiplier",
        settable=False,
    )
    leadership = AgentColumn[float](
        "authorities",
        "leadership",
        doc="How well its teams distinguish harm from no harm, without levers",
        unit="multiplier",
        settable=False,
    )
    trust = AgentColumn[float](
        "authorities",
        "trust",
        doc="Trust at the start above the average",
        unit="trust_0_1",
        settable=False,
    )
    money = AgentColumn[float](
        "authorities",
        "money",
        doc="Services that it can buy relative to the average, without levers",
        unit="multiplier",
        settable=False,
    )
    visible_events = AgentColumn[int](
        "authorities",
        "visible_events",
        doc="Last week's serious events to children known to social care",
        unit="events",
        settable=False,
    )
    score = AgentColumn[float](
        "authorities",
        "score",
        doc="Score of the last inspection of children's services",
        unit="sd",
        settable=False,
    )
    grade = AgentColumn[int](
        "authorities",
        "grade",
        doc="Grade of the last inspection, 1 (lowest) to 4; 0 before the first inspection",
        unit="grade",
        settable=False,
    )
    adult_score = AgentColumn[float](
        "authorities",
        "adult_score",
        doc="Score of the last inspection of adult social care",
        unit="sd",
        settable=False,
    )
    adult_grade = AgentColumn[int](
        "authorities",
        "adult_grade",
        doc="Grade of adult social care, 1 (lowest) to 4; 0 before the first inspection",
        unit="grade",
        settable=False,
    )
    supply_in_need = dial_column("authorities.supply_in_need")
    supply_on_plan = dial_column("authorities.supply_on_plan")
    pool_overhead = dial_column("authorities.pool_overhead")
    council_pooled = AgentColumn[float](
        "authorities",
        "council_pooled",
        doc="Share of the council's money for joint packages that is in a pooled budget",
        unit="share",
        settable=False,
    )
    health_pooled = AgentColumn[float](
        "authorities",
        "health_pooled",
        doc="Share of the health bodies' money for joint packages that is in a pooled budget",
        unit="share",
        settable=False,
    )


class TeamColumns:
    """Columns of the table of social work teams.

    >>> TeamColumns.hours_available.unit
    'hours_per_week'
    >>> TeamColumns.role_code.column
    'role'
    """

    role_code = AgentColumn[int](
        "teams", "role", doc="Role of the team, as a number of `TeamRole`", unit="index", settable=False
    )
    authority = AgentColumn[int]("teams", "authority", doc="Local authority", unit="index", settable=False)
    area = AgentColumn[int](
        "teams", "area", doc="Neighbourhood it serves; -1 = the whole authority", unit="index", settable=False
    )
    screening_threshold_shift = dial_column("teams.screening_threshold_shift")
    records_shown = dial_column("teams.records_shown")
    accuracy = dial_column("teams.accuracy")
    capacity_factor = dial_column("teams.capacity_factor")
    paid_factor = dial_column("teams.paid_factor")
    exit_factor = dial_column("teams.exit_factor")
    contact_load = dial_column("teams.contact_load")
    workload_factor = dial_column("teams.workload_factor")
    post_hours = AgentColumn[float](
        "teams",
        "post_hours",
        doc="Casework hours of each of its posts",
        unit="hours_per_week",
        settable=False,
    )
    hours_available = AgentColumn[float](
        "teams", "hours_available", doc="Casework hours this week", unit="hours_per_week", settable=False
    )
    hours_paid = AgentColumn[float](
        "teams", "hours_paid", doc="Hours that are paid for this week", unit="hours_per_week", settable=False
    )
    hours_demanded = AgentColumn[float](
        "teams",
        "hours_demanded",
        doc="Hours needed for this week's work",
        unit="hours_per_week",
        settable=False,
    )
    utilisation = AgentColumn[float](
        "teams",
        "utilisation",
        doc="Hours demanded divided by hours available, smoothed over time",
        unit="ratio",
        settable=False,
    )
    delivered_share = AgentColumn[float](
        "teams",
        "delivered_share",
        doc="Share of the planned help that is delivered",
        unit="share",
        settable=False,
    )
    on_time_share = AgentColumn[float](
        "teams",
        "on_time_share",
        doc="Share of roughly its last hundred assessments that were completed within the time limit",
        unit="share",
        settable=False,
    )
    vacancy_share = AgentColumn[float](
        "teams", "vacancy_share", doc="Share of its posts that are vacant", unit="share", settable=False
    )


class WorkerColumns:
    """Columns of the table of social workers.

    >>> WorkerColumns.hours_per_week.low, WorkerColumns.hours_per_week.high
    (0, 100)
    """

    team = AgentColumn[int](
        "workers", "team", doc="Row of the team in its table", unit="index", settable=False
    )
    post = AgentColumn[int](
        "workers", "post", doc="Post that the social worker fills", unit="index", settable=False
    )
    hired_week = AgentColumn[int](
        "workers",
        "hired_week",
        doc="Week of the run in which hired; negative = before the run",
        unit="weeks",
        settable=False,
    )
    prior_experience_weeks = AgentColumn[int](
        "workers", "prior_experience_weeks", doc="Experience when hired", unit="weeks", low=0
    )
    employed = AgentColumn[bool](
        "workers", "employed", doc="Whether still employed", unit="true_false", settable=False
    )
    left_week = AgentColumn[int](
        "workers",
        "left_week",
        doc="Week of the run in which the social worker left; -1 = still employed",
        unit="weeks",
        settable=False,
    )
    caseload = AgentColumn[float]("workers", "caseload", doc="Cases held", unit="cases", settable=False)
    hours_per_week = AgentColumn[float](
        "workers", "hours_per_week", doc="Hours a week for casework", unit="hours_per_week", low=0, high=100
    )
