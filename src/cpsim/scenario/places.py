"""Numbers of neighbourhoods, teams and posts, so that authorities of every size are in proportion to an average one."""

import math
from typing import NamedTuple

from cpsim.constants import AVERAGE_CHILDREN, ROUNDING
from cpsim.scenario.sections import PopulationSettings, WorkforceSettings

_AREAS_OF_TEAM = 10
"""Neighbourhoods of each long-term team but the last, which has one fewer, in an authority of average size."""
_USUAL_LONG_TERM_TEAMS = 5


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
    """Choose the number of children in a neighbourhood, close to that of the settings.

    In an authority of average size, the long-term team of the most deprived neighbourhoods serves one fewer than the
    others, which is why it copes. So it does in an authority of the mean size of the scenario, if the number of its
    long-term teams is the default. Each of these teams has at least ten neighbourhoods, and there are at least two for
    each decile of deprivation but one. None of this depends on the workforce, since the world must not.

    >>> [round(children / choose_children_per_area(PopulationSettings(children=children)))
    ...  for children in (10_000, 25_000, 73_000, 150_000)]
    [19, 29, 49, 97]
    """
    teams = max(round(_USUAL_LONG_TERM_TEAMS * math.sqrt(population.children / AVERAGE_CHILDREN)), 2)
    expected = population.children / population.children_per_area
    each = max(round((expected + 1) / teams), _AREAS_OF_TEAM)
    return population.children / (teams * each - 1)


def count_teams(workforce: WorkforceSettings, children: float) -> Teams:
    """Count the teams of each authority.

    The settings are those of an authority of average size. In an authority four times as large, teams are twice as many
    and twice as large. Assessment teams are small already, and in smaller authorities only their number falls.

    Args:
        workforce: settings of the scenario.
        children: mean number of children in the authorities of the scenario. All of them have equally many teams, so
            that the runs of a scenario do, whatever the seed.

    >>> for children in (5_000, 10_000, 25_000, 73_000, 300_000):
    ...     print(children, *count_teams(WorkforceSettings(), children))
    5000 1 1
    10000 1 2
    25000 1 3
    73000 3 5
    300000 6 10
    """
    size = children / AVERAGE_CHILDREN
    root = math.sqrt(size)
    return Teams(
        assessment=max(round(workforce.assessment_teams * min(size, root)), 1),
        long_term=max(round(workforce.long_term_teams * root), 1),
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
