"""Checks of the debug mode: whether casework keeps to what it declares. They cost nothing when it is off."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from cpsim.arrays import Ints
from cpsim.casework.columns import Column, find_declaration
from cpsim.casework.state import STATUSES, Casework, RoleTeams, Roster
from cpsim.casework.transitions import TRANSITIONS

_MOST_LISTED = 5
_CHECK_WRITES_EVERY = 5  # weeks; the check compares the whole state, which takes longer than the stage itself

P = ParamSpec("P")
R = TypeVar("R")


class IllegalTransitionError(RuntimeError):
    """A child's case was moved between two statuses for which the table of transitions has no row."""


class UndeclaredWriteError(RuntimeError):
    """A stage wrote a column that it does not declare."""


def run_stage(
    stage: Callable[Concatenate[Casework, P], R], state: Casework, *args: P.args, **kwargs: P.kwargs
) -> R:
    """Run a stage of casework; in debug mode, check every fifth week that it writes only what it declares.

    Args:
        stage: a function declared with `cpsim.casework.columns.stage`.
        state: the state of casework, which is the first argument of the stage.
        *args: the other arguments.
        **kwargs: the other arguments by name.

    Raises:
        UndeclaredWriteError: in debug mode, the stage wrote a column that it does not declare.
    """
    if state.checks is None or state.week % _CHECK_WRITES_EVERY:
        return stage(state, *args, **kwargs)
    before = dict(_copy_columns(state))
    result = stage(state, *args, **kwargs)
    declared = find_declaration(stage).writes
    written = [name for name, values in _copy_columns(state) if values != before[name]]
    undeclared = [name for name in written if name not in declared]
    if undeclared:
        raise UndeclaredWriteError(
            f"week {state.week}: the stage {stage.__name__} wrote {', '.join(undeclared)}, which it does not declare; "
            f"add it to the writes of its declaration"
        )
    return result


def _copy_columns(state: Casework) -> Iterator[tuple[str, object]]:
    """Copy the values of all columns, by their names in declarations."""
    for part in (state, state.records, state.harm, state.files):
        for name, column in vars(type(part)).items():
            if isinstance(column, Column):
                yield f"{column.table}.{name}", _copy_values(getattr(part, name))
    tables = {
        "authorities": state.authorities,
        "organisations": state.organisations,
        "teams": state.teams,
        "workers": state.workers,
        "ties": state.ties.table,
    }
    for label, table in tables.items():
        for name in table:
            yield f"{label}.{name}", table[name].tobytes()


def _copy_values(values: Any) -> object:
    if isinstance(values, Roster):
        return tuple(part.tobytes() for part in values)
    if isinstance(values, RoleTeams):
        return values.of_child.tobytes()
    if isinstance(values, list):
        return list(map(id, values))
    return values.tobytes()


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
