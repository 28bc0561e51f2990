"""Checks of the debug mode: whether casework keeps to what it declares. They cost nothing when it is off."""

from collections.abc import Iterable

import numpy as np

from cpsim.arrays import Ints
from cpsim.casework.state import STATUSES, Casework
from cpsim.casework.transitions import TRANSITIONS

_MOST_LISTED = 5


class IllegalTransitionError(RuntimeError):
    """A child's case was moved between two statuses for which the table of transitions has no row."""


class DebugChecks:
    """The checks of one run in debug mode.

    Attributes:
        permitted: pairs of codes of `Status` between which a case may move.
        observed: pairs between which cases have moved.
    """

    def __init__(self) -> None:
        self.permitted = {(transition.before, transition.after) for transition in TRANSITIONS}
        self.observed: set[tuple[int, int]] = set()

    def permit(self, transitions: Iterable[tuple[int, int]]) -> None:
        """Permit further transitions in this run, such as those of a perfect stage."""
        self.permitted.update(transitions)

    def check_move(self, state: Casework, child: Ints, to: int) -> None:
        """Check that the table allows each of these cases to move to a status, and note the transitions.

        Args:
            state: the state of casework before the move.
            child: rows of the children, shape (n,).
            to: code of `Status`.

        Raises:
            IllegalTransitionError: the table has no such transition.
        """
        before = state.records.status[child]
        for code in np.unique(before).tolist():
            if (code, to) not in self.permitted:
                raise IllegalTransitionError(
                    f"week {state.week}: {_list_children(child[before == code])} cannot move from "
                    f"{STATUSES[code]!r} to {STATUSES[to]!r}; `cpsim plan --transitions` lists what is allowed"
                )
            self.observed.add((code, to))


def _list_children(child: Ints) -> str:
    """Return rows of children as text, shortened if there are many."""
    listed = ", ".join(str(row) for row in child[:_MOST_LISTED].tolist())
    if len(child) > _MOST_LISTED:
        listed += f" and {len(child) - _MOST_LISTED} more"
    return f"{'children' if len(child) > 1 else 'child'} {listed}"
