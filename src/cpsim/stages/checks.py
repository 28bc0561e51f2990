"""Checks of the debug mode: whether stages and levers access only the columns that they declare.

In debug mode the tables and the parts of the state are observed: they note each access to a column while a stage runs.
Without it they are not observed, and the checks cost nothing.

In the examples, `model` is a `ChildProtectionModel` at the start of its history; it is not in debug mode.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

import numpy as np

from cpsim.stages.declarations import Column, Declaration, find_declaration

__all__ = ["AccessChecks", "Accesses", "UndeclaredReadError", "UndeclaredWriteError"]

DEBUG_VARIABLE = "CPSIM_DEBUG"
"""Environment variable that switches on the debug mode of all models that do not choose themselves."""

P = ParamSpec("P")
R = TypeVar("R")


def is_debug_mode() -> bool:
    """Return whether the environment variable switches on the debug mode."""
    return os.environ.get(DEBUG_VARIABLE, "0") not in ("", "0")


class UndeclaredReadError(RuntimeError):
    """A stage or a lever read a column that it does not declare.

    >>> from cpsim.stages.declarations import stage
    >>> @stage(reads=(), writes=())
    ... def add_up_hours(teams):
    ...     return teams["hours_available"].sum()
    >>> checks = AccessChecks()
    >>> checks.observe_table("teams", model.tables["teams"])
    >>> checks.run(add_up_hours, 3, model.tables["teams"])
    Traceback (most recent call last):
    cpsim.stages.checks.UndeclaredReadError: week 3: the stage add_up_hours read teams.hours_available, which it does
    not declare; add it to its `reads`
    """


class UndeclaredWriteError(RuntimeError):
    """A stage or a lever wrote a column that it does not declare.

    >>> from cpsim.stages.declarations import stage
    >>> @stage(reads=(), writes=())
    ... def forget_referrals(records):
    ...     records.referrals[:] = -1
    >>> checks = AccessChecks()
    >>> checks.observe_columns(model.casework.records)
    >>> checks.run(forget_referrals, 3, model.casework.records)
    Traceback (most recent call last):
    cpsim.stages.checks.UndeclaredWriteError: week 3: the stage forget_referrals wrote records.referrals, which it does
    not declare; add it to its `writes`
    """


@dataclass(frozen=True)
class Accesses:
    """The columns that a stage or a lever has accessed so far, as "table.column".

    Attributes:
        read: columns whose values it has taken, to read them or to change them.
        written: columns that it has replaced, or whose values it has changed.

    >>> Accesses(read={"records.status"}).written
    set()
    """

    read: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)


class AccessChecks:
    """The checks of one run in debug mode.

    Attributes:
        accesses: what each stage and lever has accessed so far in the run, such as "stage screen" or "lever 'duty'".

    >>> from cpsim.casework.noticing import notice_signs
    >>> state, checks = model.casework, AccessChecks()
    >>> for part in (state.files, state.harm):
    ...     checks.observe_columns(part)
    >>> checks.observe_table("organisations", model.tables["organisations"])
    >>> concerns = checks.run(notice_signs, 0, state)
    >>> "harm.gate" in checks.accesses["stage notice_signs"].read
    True

    What is no function is checked within a `with` statement:

    >>> with checks.check("first file", 0, Declaration(reads=("files.site",), writes=())):
    ...     site = state.files.site[0]
    >>> checks.accesses["first file"].read
    {'files.site'}
    """

    def __init__(self) -> None:
        self.accesses: defaultdict[str, Accesses] = defaultdict(Accesses)
        self._watch: _Watch | None = None

    def observe_columns(self, part: object) -> None:
        """Note each access to a `Column` of a part of the state from now on."""
        observed = {
            name: _ObservedColumn(column)
            for name, column in vars(type(part)).items()
            if isinstance(column, Column)
        }
        _change_class(part, (), observed, _checks=self)

    def observe_table(self, name: str, table: object) -> None:
        """Note each access to a column of a table from now on, as "name.column"."""
        _change_class(table, (_ObservedTable,), {}, _checks=self, _name=name)

    def run(self, stage: Callable[P, R], week: int, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a stage in a week, and check what it accesses.

        Raises:
            KeyError: the function is not declared as a stage.
            UndeclaredReadError: it read a column that it does not declare.
            UndeclaredWriteError: it wrote a column that it does not declare.
        """
        with self.check(f"stage {stage.__qualname__}", week, find_declaration(stage)):
            return stage(*args, **kwargs)

    @contextmanager
    def check(
        self, actor: str, week: int, declared: Declaration, instead_of_writing: str = ""
    ) -> Iterator[None]:
        """Check what is accessed within a `with` statement; an outer check then waits.

        Args:
            actor: who accesses it, such as "stage screen".
            week: week of the run.
            declared: columns that may be accessed.
            instead_of_writing: what the error message suggests, apart from a declaration, after an undeclared write.

        Raises:
            UndeclaredReadError: a column was read that is not declared.
            UndeclaredWriteError: a column was written that is not declared.
        """
        accesses, outer = self.accesses[actor], self._watch
        self._watch = watch = _Watch(accesses.written.intersection(declared.writes))
        try:
            yield
        finally:
            self._watch = outer
        written = watch.find_written()
        accesses.read.update(watch.read)
        accesses.written.update(written)
        if undeclared := sorted(written.difference(declared.writes)):
            described = _describe_undeclared(week, actor, "wrote", undeclared, "writes")
            raise UndeclaredWriteError(described + instead_of_writing)
        if undeclared := sorted(watch.read.difference(declared.reads, declared.writes)):
            raise UndeclaredReadError(_describe_undeclared(week, actor, "read", undeclared, "reads"))

    def _note_read(self, name: str, get: Callable[[Any], object], key: object) -> None:
        """Note that the values of a column, which `get(key)` returns, are taken."""
        if self._watch is not None and name not in self._watch.read:
            self._watch.note_read(name, get, key)

    def _note_write(self, name: str) -> None:
        """Note that a column is replaced."""
        if self._watch is not None:
            self._watch.replaced.add(name)


def _describe_undeclared(week: int, actor: str, verb: str, columns: list[str], section: str) -> str:
    return (
        f"week {week}: the {actor} {verb} {', '.join(columns)}, which it does not declare; "
        f"add {'it' if len(columns) == 1 else 'them'} to its `{section}`"
    )


class _Watch:
    """The accesses during one run of a stage.

    Args:
        known_writes: columns that the stage may write and is known to write; they are not compared again.
    """

    def __init__(self, known_writes: Collection[str]) -> None:
        self.read: set[str] = set()
        self.replaced: set[str] = set()
        self._known_writes = known_writes
        self._before: list[tuple[str, Callable[[Any], object], object, object]] = []

    def note_read(self, name: str, get: Callable[[Any], object], key: object) -> None:
        self.read.add(name)
        if name not in self._known_writes:
            self._before.append((name, get, key, _copy_values(get(key))))

    def find_written(self) -> set[str]:
        """Find the columns that have been replaced, or whose values differ from those at the first access."""
        changed = {name for name, get, key, before in self._before if _copy_values(get(key)) != before}
        return self.replaced | changed


def _copy_values(values: Any) -> object:
    """Copy the values of a column into a form that can be compared: an array, a tuple of arrays, or a list."""
    if isinstance(values, np.ndarray):
        return values.tobytes()
    if isinstance(values, tuple):
        return tuple(map(_copy_values, values))
    return list(map(id, values))


class _ObservedColumn:
    """A column of an observed part of the state, in place of the `Column`; it notes each access."""

    def __init__(self, column: Column[Any]) -> None:
        self._column = column
        self._name = f"{column.table}.{column.column}"

    def __get__(self, part: Any, owner: type) -> Any:
        if part is None:
            return self._column
        part._checks._note_read(self._name, self._get_values, part)
        return self._get_values(part)

    def __set__(self, part: Any, values: object) -> None:
        vars(part)[self._column.column] = values
        part._checks._note_write(self._name)

    def _get_values(self, part: Any) -> object:
        stored = vars(part)
        name = self._column.column
        return stored[name] if name in stored else self._column.__get__(part, type(part))


class _ObservedTable:
    """A mixin for an observed table; it notes each access to a column."""

    _checks: AccessChecks
    _name: str

    def __getitem__(self, column: str) -> Any:
        get: Callable[[str], Any] = super().__getitem__  # type: ignore[misc]  # of the table
        self._checks._note_read(f"{self._name}.{column}", get, column)
        return get(column)

    def __setitem__(self, column: str, values: object) -> None:
        super().__setitem__(column, values)  # type: ignore[misc]  # of the table
        self._checks._note_write(f"{self._name}.{column}")


def _change_class(
    instance: Any, mixins: tuple[type, ...], members: Mapping[str, object], **attributes: object
) -> None:
    """Make an object an instance of a new class that derives from the mixins and its former class."""
    former = type(instance)
    vars(instance).update(attributes)
    instance.__class__ = type(f"Observed{former.__name__}", (*mixins, former), dict(members))
