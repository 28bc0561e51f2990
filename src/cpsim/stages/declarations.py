"""Declarations: the columns of the state, and which of them each stage reads and writes."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, Protocol, Self, TypeVar, overload

__all__ = ["Column", "Declaration", "ItemColumn", "find_declaration", "list_stages", "stage"]

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


class HasColumn(Protocol):
    """A reference to a column: a `Column`, an attribute of an agent, or a dial or signal."""

    @property
    def table(self) -> str:
        """Name of the table, or of the part of the state, such as "records"."""
        ...

    @property
    def column(self) -> str:
        """Name of the column in it."""
        ...


class Column(Generic[T]):
    """A column of a part of the state; the instance holds the values, and the class the reference to the column.

    Args:
        table: name of the part, such as "records".

    >>> class Visits:
    ...     made = Column("visits")
    >>> Visits.made.table, Visits.made.column
    ('visits', 'made')
    >>> visits = Visits()
    >>> visits.made = [3, 0, 1]
    >>> visits.made
    [3, 0, 1]
    """

    def __init__(self, table: str) -> None:
        self.table = table
        self.column = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.column = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object, owner: type) -> Self | T:
        # Values of an instance are found in its own dictionary before this method is called.
        if instance is None:
            return self
        raise AttributeError(f"{type(instance).__name__} has no {self.column} yet")

    if TYPE_CHECKING:

        def __set__(self, instance: object, values: T) -> None: ...


class ItemColumn(Column[T]):
    """A column that a part of the state holds as an item of a table or of a structured array.

    Args:
        table: name of the part, such as "ties".
        held_in: attribute of the instance that holds the table or the array.

    >>> class Visits:
    ...     made = ItemColumn("visits", held_in="table")
    ...
    ...     def __init__(self):
    ...         self.table = {"made": [3, 0, 1]}
    >>> Visits.made.column, Visits().made
    ('made', [3, 0, 1])
    """

    def __init__(self, table: str, held_in: str) -> None:
        super().__init__(table)
        self.held_in = held_in

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object, owner: type) -> Self | T:
        if instance is None:
            return self
        values: T = instance.__dict__[self.held_in][self.column]  # faster than getattr, and called very often
        return values


class Declaration(NamedTuple):
    """The columns that a stage or a lever declares, as "table.column", sorted.

    Attributes:
        reads: columns that it reads.
        writes: columns that it writes; it may read these too.

    >>> from cpsim.agents.tables import TeamColumns
    >>> Declaration.of(reads=(TeamColumns.hours_available, TeamColumns.accuracy), writes=())
    Declaration(reads=('teams.accuracy', 'teams.hours_available'), writes=())
    """

    reads: tuple[str, ...]
    writes: tuple[str, ...]

    @classmethod
    def of(cls, reads: Iterable[HasColumn], writes: Iterable[HasColumn]) -> Self:
        """Name the columns to which references are given."""
        return cls(_name_columns(reads), _name_columns(writes))


# References are stored, because a column that is declared in the body of its own class has no name yet.
_DECLARED: Final[dict[Callable[..., Any], tuple[tuple[HasColumn, ...], tuple[HasColumn, ...]]]] = {}


def stage(*, reads: tuple[HasColumn, ...], writes: tuple[HasColumn, ...]) -> Callable[[F], F]:
    """Declare the columns that a stage reads and writes; the function itself stays as it is.

    Args:
        reads: references to the columns that it reads: a `Column`, an attribute of an agent, or a dial or signal.
        writes: references to the columns that it writes. It may read these too, so they are not in `reads`.

    >>> from cpsim.casework.state import Casework, ChildRecords
    >>> @stage(reads=(ChildRecords.status,), writes=(ChildRecords.belief,))
    ... def discard_evidence_on_closed_cases(state: Casework) -> None:
    ...     state.records.belief[state.records.status == 0] = 0.0
    >>> find_declaration(discard_evidence_on_closed_cases)
    Declaration(reads=('records.status',), writes=('records.belief',))
    """

    def declare(function: F) -> F:
        _DECLARED[function] = reads, writes
        return function

    return declare


def find_declaration(function: Callable[..., Any]) -> Declaration:
    """Find what a stage declares; the stage can be a function, or a method with or without its object.

    Raises:
        KeyError: the function is not declared as a stage.

    >>> from cpsim.casework.noticing import notice_signs
    >>> find_declaration(notice_signs).writes
    ('organisations.noticed',)
    """
    return _name_declared(getattr(function, "__func__", function))


@cache
def _name_declared(function: Callable[..., Any]) -> Declaration:
    if function not in _DECLARED:
        raise KeyError(f"{function.__qualname__} is no stage; declare what it reads and writes with @stage")
    return Declaration.of(*_DECLARED[function])


def list_stages(module: str) -> tuple[Callable[..., Any], ...]:
    """List the stages that an imported module declares, in their order there; `module` is its full name.

    >>> import cpsim.casework.delivery
    >>> [stage.__name__ for stage in list_stages("cpsim.casework.delivery")]
    ['send_messages', 'request_help', 'deliver_messages']
    """
    return tuple(function for function in _DECLARED if function.__module__ == module)


def _name_columns(columns: Iterable[HasColumn]) -> tuple[str, ...]:
    return tuple(sorted({f"{column.table}.{column.column}" for column in columns}))
