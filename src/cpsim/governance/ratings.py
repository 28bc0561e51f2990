"""Ratings (M18): the quality of a service, the scale on which inspectors score it, and the grades that they give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from cpsim.agents.tables import TeamColumns, TeamRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from cpsim.agents.columns import AgentTable
    from cpsim.arrays import Floats, Grades, Ints


COLUMNS = ("week", "authority", "service", "score", "grade", "quality", "gaming")
"""Columns of the table of ratings."""

CHILDREN, ADULTS = "children", "adults"
"""The services that are rated; adult social care is a comparator that nothing in the model affects."""


READ_FOR_QUALITY = (
    TeamColumns.accuracy,
    TeamColumns.delivered_share,
    TeamColumns.on_time_share,
    TeamColumns.utilisation,
    TeamColumns.vacancy_share,
)
"""Columns that `service_quality` reads."""


class ServiceQuality(NamedTuple):
    """Quality and timeliness of children's services; all shapes (authorities,).

    Attributes:
        quality: accuracy of the teams, reduced by overload, undelivered help and vacant posts; 1 = usual accuracy,
            full time, full help and full staff.
        on_time: share of assessments that end within the statutory time limit, 0 to 1.
    """

    quality: Floats
    on_time: Floats


def service_quality(tables: Mapping[str, AgentTable]) -> ServiceQuality:
    """Quality and timeliness by authority: means over the teams that hold cases (M18).

    Args:
        tables: the agent tables `authorities` and `teams`.
    """
    import numpy as np

    authorities, teams = len(tables["authorities"]), tables["teams"]
    rows = np.flatnonzero(teams["role"] != TeamRole.FRONT_DOOR)
    authority = teams["authority"][rows]
    number = np.bincount(authority, minlength=authorities)

    def mean(values: Floats) -> Floats:
        return np.bincount(authority, weights=values, minlength=authorities) / number

    quality = teams["accuracy"][rows] / np.maximum(teams["utilisation"][rows], 1)
    quality *= teams["delivered_share"][rows] * (1 - teams["vacancy_share"][rows])
    return ServiceQuality(mean(quality), mean(teams["on_time_share"][rows]))


@dataclass(frozen=True)
class GradeShares:
    """Shares of authorities that get the outer grades at the first inspection.

    Attributes:
        top: share in the top grade, 0 to 1.
        bottom: share in the lowest grade, 0 to 1.
        scatter: SD of scores among authorities, used where there is only one authority.
    """

    top: float
    bottom: float
    scatter: float

    def cut_offs(self, scores: Floats) -> Floats:
        """Lowest scores of the second, third and top grade, shape (3,).

        The authorities between the outer grades are divided equally. Several authorities are graded by rank; a single
        one is graded as one of many whose scores are normal with mean 0 and SD `scatter`.

        >>> import numpy as np
        >>> GradeShares(top=0.1, bottom=0.1, scatter=1.0).cut_offs(np.array([0.3])).round(2).tolist()
        [-1.28, 0.0, 1.28]
        """
        import numpy as np
        from scipy.special import ndtri

        below = np.array([self.bottom, (self.bottom + 1 - self.top) / 2, 1 - self.top])
        cut_offs: Floats = self.scatter * ndtri(below)
        return cut_offs if len(scores) == 1 else np.quantile(scores, below, method="hazen")


class Ratings:
    """All ratings of a run, and the scale that the first inspection sets."""

    def __init__(self) -> None:
        self._scale: tuple[ServiceQuality, ServiceQuality] | None = None
        self._cut_offs: dict[str, Floats] = {}
        self._found: list[dict[str, object]] = []

    def standardise(self, found: ServiceQuality, least: tuple[float, float]) -> ServiceQuality:
        """Standardise quality and timeliness by the mean and SD of the first inspection.

        Args:
            found: quality and timeliness of the authorities inspected, shapes (n,).
            least: minimum SDs of the two, which keep near-identical authorities from being spread apart.

        Returns:
            Both in standard deviations from the mean, shapes (n,).
        """
        if self._scale is None:
            mean = ServiceQuality(*(values.mean() for values in found))
            spread = ServiceQuality(
                *(max(values.std(), floor) for values, floor in zip(found, least, strict=True))
            )
            self._scale = mean, spread
        return ServiceQuality(
            *((values - mean) / spread for values, mean, spread in zip(found, *self._scale, strict=True))
        )

    def assign_grades(self, service: str, scores: Floats, shares: GradeShares) -> Grades:
        """Assign grades from 1 (lowest) to 4 by the cut-offs that the first scores of the service set; same shape."""
        import numpy as np

        if service not in self._cut_offs:
            self._cut_offs[service] = shares.cut_offs(scores)
        return (1 + np.searchsorted(self._cut_offs[service], scores, side="right")).astype(np.int8)

    def record(self, week: int, authority: Ints, service: str, **found: Floats | Grades | float) -> None:
        """Record ratings given in a week of the run; `found` holds columns of the table, shape (n,)."""
        self._found.append({"week": week, "authority": authority, "service": service, **found})

    def to_frame(self, first_week: int) -> pd.DataFrame:
        """Return one row per rating, with weeks counted from `first_week` of the run."""
        import pandas as pd

        parts = [pd.DataFrame(found, columns=COLUMNS) for found in self._found]
        ratings = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
        return ratings.assign(week=ratings["week"] - first_week)
