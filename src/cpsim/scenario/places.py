"""Numbers of neighbourhoods, teams and posts, so that authorities of every size are in proportion to an average one."""

import math
from typing import NamedTuple

from cpsim.constants import AVERAGE_CHILDREN, ROUNDING
from cpsim.scenario.sections import PopulationSettings, WorkforceSettings

_LEAST_AREAS = 20
_FULL_LONG_TERM = 31_000
"""Children from which an authority has all long-term teams; by default they have twelve posts there, which is as many
as an assessment team of an authority of average size has."""


class Teams(NamedTuple):
    """Numbers of teams in an authority, in addition to its front door."""

    assessment: int
    long_term: int


class Posts(NamedTuple):
    """Posts for a role in an authority.

    Attributes:
        number: number of posts.
        full_time_share: hours of each post relative to full time.
    """

    number: int
    full_time_share: float


def choose_children_per_area(population: PopulationSettings) -> float:
    """Choose the number of children in a neighbourhood.

    An authority of the mean size has at least 20 neighbourhoods, two for each decile of deprivation. Deprivation then
    has the same distribution in authorities of every size, and teams can share the neighbourhoods equally.

    >>> choose_children_per_area(PopulationSettings(children=10_000))
    500.0
    """
    return min(population.children_per_area, population.children / _LEAST_AREAS)


def count_teams(workforce: WorkforceSettings, children: float) -> Teams:
    """Count the teams of each authority.

    The settings are those of an authority of average size, and larger authorities have teams in proportion. In smaller
    ones, the number of assessment teams is in proportion, but at least one. Long-term teams are larger, so their number
    falls only below 31,000 children, and they still serve neighbourhoods that differ in deprivation.

    Args:
        workforce: settings of the scenario.
        children: mean number of children in the authorities of the scenario. All of them have as many teams, so that
            the runs of a scenario do, whatever the seed.

    >>> for children in (5_000, 10_000, 25_000, 73_000, 300_000):
    ...     print(children, *count_teams(WorkforceSettings(), children))
    5000 1 1
    10000 1 2
    25000 1 4
    73000 3 5
    300000 12 21
    """
    size = children / AVERAGE_CHILDREN
    return Teams(
        assessment=max(round(workforce.assessment_teams * size), 1),
        long_term=max(round(workforce.long_term_teams * max(size, min(children / _FULL_LONG_TERM, 1))), 1),
    )


def count_posts(per_10k: float, children: float, teams: int) -> Posts:
    """Count the posts for a role in an authority.

    An authority of average size has whole posts. The hours of others are in proportion to its hours: they have as many
    posts as that takes, each of them slightly less than full time. Each team has at least one post, because the cases
    of a team without posts would never be allocated.

    Args:
        per_10k: posts per 10,000 children.
        children: children of the authority, multiplied by its resources.
        teams: number of teams for this role in the authority.

    >>> count_posts(4.887, 73_000, 3)
    Posts(number=36, full_time_share=1.0)
    >>> count_posts(5.0, 9_125, 1)
    Posts(number=5, full_time_share=0.9)
    """
    in_average_authority = max(round(per_10k * AVERAGE_CHILDREN / 10_000), 1)
    full_time = in_average_authority * children / AVERAGE_CHILDREN
    number = max(math.ceil(full_time - ROUNDING), teams)
    return Posts(number, full_time / number)
