"""State as columns: one table a type of agent, one row an agent; and rows that look like Mesa agents.

A whole profession acts at once on arrays, while `agent.attention = 0.9` and `AgentSet.agg("attention", max)` mean
what a Mesa user expects, because both read and write the same memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, cast, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T", bool, int, float)


class Table:
    """A growable block of named NumPy columns, one row an agent.

    Rows are never reused or removed: whoever leaves is masked by a column, so that a row number means one agent for
    the whole run. New rows are zero.

    Args:
        schema: dtype of each column, in order.
        rows: number of live rows to begin with.

    Raises:
        ValueError: if `rows` is negative.
    """

    def __init__(self, schema: Mapping[str, DTypeLike], rows: int = 0) -> None:
        if rows < 0:
            raise ValueError(f"a table cannot have {rows} rows")
        self._rows = rows
        self._blocks: dict[str, NDArray[Any]] = {
            name: np.zeros(rows, dtype) for name, dtype in schema.items()
        }

    def __len__(self) -> int:
        return self._rows

    def __iter__(self) -> Iterator[str]:
        """Names of the columns, in the order of the schema."""
        return iter(self._blocks)

    def __contains__(self, column: object) -> bool:
        return column in self._blocks

    def __getitem__(self, column: str) -> NDArray[Any]:
        """View of the live rows of a column; writing to it writes to the table.

        Take the view anew after `grow`: an older one may look at memory that the table has left.

        Raises:
            KeyError: if there is no such column.
        """
        # Sliced on every access: pickling or deep-copying would part a stored view from its block.
        block = self._blocks[column]
        return block if len(block) == self._rows else block[: self._rows]

    def __setitem__(self, column: str, values: ArrayLike) -> None:
        """Write a whole column; values are broadcast, and never silently truncated to a coarser kind of number.

        Raises:
            KeyError: if there is no such column.
            TypeError: if the values are of a kind that the column cannot hold (a float for a count).
            ValueError: if the shape does not fit.
        """
        np.copyto(self[column], cast(Any, values), casting="same_kind")

    def grow(self, n: int) -> range:
        """Append `n` rows of zeros and return their row numbers.

        Raises:
            ValueError: if `n` is negative.
        """
        if n < 0:
            raise ValueError(f"a table cannot grow by {n} rows")
        new = range(self._rows, self._rows + n)
        for name, block in self._blocks.items():
            if new.stop > block.size:
                # Doubling keeps the cost of a thousand single hirings linear.
                spare = np.zeros(max(new.stop, 2 * block.size) - self._rows, block.dtype)
                self._blocks[name] = np.concatenate([block[: self._rows], spare])
        self._rows = new.stop
        return new

    def copy(self) -> Self:
        """An independent table with the same content, for a model that is forked."""
        twin = type(self)({})
        twin._rows = self._rows
        twin._blocks = {name: self[name].copy() for name in self}
        return twin

    def to_frame(self) -> pd.DataFrame:
        """The live rows as a pandas DataFrame; its columns are copies."""
        import pandas as pd

        return pd.DataFrame({name: self[name].copy() for name in self})


class HasTables(Protocol):
    """What an agent needs of its model: the tables, by name."""

    @property
    def tables(self) -> Mapping[str, Table]:
        """The tables of the model, by name."""
        ...


class Row(Protocol):
    """What a column needs of an agent: its model and its row."""

    model: Any
    row: int


class Column(Generic[T]):
    """One attribute of an agent that lives in a column of a table of its model.

    The table is looked up through the model on every access, so that growth, pickling, deep copies and several models
    in one process are safe. Reading gives a plain Python number.

    Args:
        table: name of the table in `model.tables`.
        column: name of the column.
        doc: one sentence on what it means.
        unit: its unit, as in the register of parameters.
        low: smallest value that may be set.
        high: largest value that may be set.
        settable: False for what the model counts or decides itself.
    """

    def __init__(
        self,
        table: str,
        column: str,
        *,
        doc: str,
        unit: str,
        low: float = -math.inf,
        high: float = math.inf,
        settable: bool = True,
    ) -> None:
        self.table = table
        self.column = column
        self.unit = unit
        self.low = low
        self.high = high
        self.settable = settable
        self.name = column
        self.__doc__ = f"{doc} ({unit})"

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, agent: None, owner: type) -> Self: ...
    @overload
    def __get__(self, agent: Row, owner: type) -> T: ...
    def __get__(self, agent: Row | None, owner: type) -> Self | T:
        if agent is None:
            return self
        return cast(T, self._values(agent)[agent.row].item())

    def __set__(self, agent: Row, value: T) -> None:
        """Write the agent's value, and nobody else's.

        Raises:
            AttributeError: if the model keeps this attribute itself.
            TypeError: if the value is of another kind than the column.
            ValueError: if the value is not finite or out of range.
        """
        if not self.settable:
            raise AttributeError(f"{self._of(agent)} is kept by the model and cannot be set")
        values = self._values(agent)
        values[agent.row] = self._checked(agent, value, values.dtype)

    def _values(self, agent: Row) -> NDArray[Any]:
        tables = cast(HasTables, agent.model).tables
        return tables[self.table][self.column]

    def _of(self, agent: Row) -> str:
        return f"{self.name} of {type(agent).__name__}"

    def _checked(self, agent: Row, value: object, dtype: np.dtype[Any]) -> object:
        if dtype.kind == "b":
            if not isinstance(value, bool | np.bool_):
                raise TypeError(f"{self._of(agent)} must be true or false, not {value!r}")
            return value
        if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
            raise TypeError(f"{self._of(agent)} must be a number, not {value!r}")
        if dtype.kind == "i" and value != int(value):
            raise TypeError(f"{self._of(agent)} must be a whole number, not {value!r}")
        if not self.low <= float(value) <= self.high or math.isinf(float(value)):
            raise ValueError(f"{self._of(agent)} must be {self._range()}, not {value!r}")
        return value

    def _range(self) -> str:
        if math.isfinite(self.low) and math.isfinite(self.high):
            return f"between {self.low:g} and {self.high:g}"
        if math.isfinite(self.low):
            return f"a finite number of at least {self.low:g}"
        return "a finite number"
