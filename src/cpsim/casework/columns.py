"""Declarations: the columns of the state of casework, and which of them each stage reads and writes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, Protocol, Self, TypeVar, overload

__all__ = ["Column", "StageDeclaration", "find_declaration", "stage"]

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


class HasColumn(Protocol):
    """A reference to a column: one of `Column`, or of an attribute of an agent."""

    table: str
    column: str


class Column(Generic[T]):
    """A column of a part of casework; the instance holds the values, and the class the reference to the column.

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


class StageDeclaration(NamedTuple):
    """The columns that a stage declares, as "table.column", sorted.

    Attributes:
        reads: columns that it reads.
        writes: columns that it writes; it may read these too.

    >>> from cpsim.casework.screening import screen
    >>> declaration = find_declaration(screen)
    >>> "teams.screening_threshold_shift" in declaration.reads, "records.status" in declaration.writes
    (True, True)
    """

    reads: tuple[str, ...]
    writes: tuple[str, ...]


_DECLARATIONS: Final[dict[str, StageDeclaration]] = {}


def stage(*, reads: tuple[HasColumn, ...], writes: tuple[HasColumn, ...]) -> Callable[[F], F]:
    """Declare the columns that a stage of casework reads and writes; the function itself stays as it is.

    Args:
        reads: columns of the state of casework or attributes of agents that it reads.
        writes: those that it writes; debug mode refuses to let it write others.

    >>> from cpsim.casework.state import Casework, ChildRecords
    >>> @stage(reads=(ChildRecords.status,), writes=(ChildRecords.belief,))
    ... def discard_evidence_on_closed_cases(state: Casework) -> None:
    ...     state.records.belief[state.records.status == 0] = 0.0
    >>> find_declaration(discard_evidence_on_closed_cases)
    StageDeclaration(reads=('records.status',), writes=('records.belief',))
    """

    def declare(function: F) -> F:
        _DECLARATIONS[function.__name__] = StageDeclaration(_name_columns(reads), _name_columns(writes))
        return function

    return declare


def find_declaration(function: Callable[..., Any]) -> StageDeclaration:
    """Find what a stage declares.

    Raises:
        KeyError: the function is not declared as a stage.

    >>> from cpsim.casework.noticing import notice_signs
    >>> find_declaration(notice_signs).writes
    ('organisations.noticed',)
    """
    return _DECLARATIONS[function.__name__]


def _name_columns(columns: tuple[HasColumn, ...]) -> tuple[str, ...]:
    return tuple(sorted({f"{column.table}.{column.column}" for column in columns}))
