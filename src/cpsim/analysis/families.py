"""Families of tests: estimates whose intervals hold together, and whose verdicts read these intervals."""

import numpy as np
import pandas as pd

from cpsim.arrays import Floats
from cpsim.inference import (
    Estimates,
    count_tests,
    estimate_smallest_shown,
    label_intervals,
    tabulate_estimates,
)
from cpsim.results.verdicts import HIGHER, LOWER


def tabulate_family(
    estimates: Estimates, tests: int, *, higher: str = HIGHER, lower: str = LOWER
) -> pd.DataFrame:
    """Tabulate the estimates of a family with intervals at its level, and what these show.

    Args:
        estimates: the estimates.
        tests: number of distinct tests in the family.
        higher: verdict on an interval above 0.
        lower: verdict on an interval below 0.

    Returns:
        A row for each estimate: `value`, `low` and `high` (all intervals of the family hold together with a probability
        of 95%), `p` (of the estimate alone), `tests`, `smallest_shown` (the smallest effect that would have been shown
        with a probability of 80%) and `verdict`.

    >>> both = Estimates(np.array([1.0, 1.0]), np.array([0.4, 0.2]), np.array([19.0, 19.0]))
    >>> tabulate_family(both, tests=12)["verdict"].tolist()
    ['no difference shown', 'higher']
    """
    found = tabulate_estimates(estimates, tests)
    half = (found["high"] - found["low"]) / 2
    found["tests"] = tests
    found["smallest_shown"] = [
        estimate_smallest_shown(width, freedom, tests)
        for width, freedom in zip(half, estimates.freedom, strict=True)
    ]
    found["verdict"] = label_intervals(found["low"], found["high"], higher=higher, lower=lower)
    return found


def join_estimates(parts: list[Estimates]) -> Estimates:
    """Join estimates into one series of them.

    >>> one = Estimates(np.array([1.0]), np.array([0.4]), np.array([19.0]))
    >>> join_estimates([one, one]).value.tolist()
    [1.0, 1.0]
    """
    value, error, freedom = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Estimates(value, error, freedom)


def count_tests_over_seeds(by_seed: Floats) -> int:
    """Count the distinct tests among estimates by seed; with one seed each estimate that is known is a test.

    Args:
        by_seed: estimates, shape (rows, seeds); NaN where unknown.

    >>> count_tests_over_seeds(np.array([[0.1, 0.2], [-0.1, -0.2]])), count_tests_over_seeds(np.array([[0.1], [0.2]]))
    (1, 2)
    """
    return count_tests(by_seed) if by_seed.shape[1] > 1 else int((~np.isnan(by_seed)).sum())
