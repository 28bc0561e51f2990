"""What becomes of the cases of workers who have left."""

import numpy as np

from cpsim.casework.allocation import pass_on
from cpsim.casework.log import Happening
from cpsim.casework.state import Casework


def hand_over(case: Casework) -> None:
    """Give the cases of those who left this week to colleagues."""
    workers = case.workers
    left = ~workers["employed"] & (workers["left_week"] == case.week)
    if left.any():
        child = pass_on(case, left)
        case.log.add(case.week, Happening.WORKER_CHANGED, child, -1, case.records.worker_changes[child].astype(np.float64))
