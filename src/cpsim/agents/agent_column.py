"""Attributes of agents whose values are stored in the columns of a table.

The engine works on whole columns, while `agent.attention = 0.9` and `AgentSet.agg("attention", max)` do what a Mesa
user expects: both read and write the same memory. Declaring a column needs no NumPy.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, cast, overload

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from cpsim.agents.columns import AgentTable

T = TypeVar("T", bool, int, float)


class HasTables(Protocol):
    """The part of a model that its agents use: the tables by name."""

    @property
    def tables(self) -> Mapping[str, AgentTable]:
        """The tables of the model, by name."""
        ...


class TableRow(Protocol):
    """The part of an agent that a column uses: its model and its row."""

    model: Any
    row: int


class AgentColumn(Generic[T]):
    """An attribute of an agent whose values are stored in a column of one of its model's tables.

    The table is looked up through the model on every access, so growing tables, pickling, deep copies and several
    models in one process are all safe. Reading the attribute gives a plain Python number.

    Args:
        table: name of the table in `model.tables`.
        column: name of the column.
        doc: meaning of the attribute, without a full stop.
        unit: unit, as in the register of parameters.
        low: smallest value that can be set.
        high: largest value that can be set.
        settable: False for values that the model itself computes.
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
    def __get__(self, agent: TableRow, owner: type) -> T: ...
    def __get__(self, agent: TableRow | None, owner: type) -> Self | T:
        if agent is None:
            return self
        return cast(T, self._get_values(agent)[agent.row].item())

    def __set__(self, agent: TableRow, value: T) -> None:
        """Set the value of this agent.

        Raises:
            AttributeError: the model computes this attribute, so it cannot be set.
            TypeError: the value is not of the column's kind.
            ValueError: the value is infinite or outside its range.
        """
        if not self.settable:
            raise AttributeError(f"{self._describe(agent)} is computed by the model and cannot be set")
        values = self._get_values(agent)
        values[agent.row] = self._check_value(agent, value, values.dtype)

    def _get_values(self, agent: TableRow) -> NDArray[Any]:
        tables = cast(HasTables, agent.model).tables
        return tables[self.table][self.column]

    def _describe(self, agent: TableRow) -> str:
        return f"{self.name} of {type(agent).__name__}"

    def _check_value(self, agent: TableRow, value: object, dtype: np.dtype[Any]) -> object:
        import numpy as np

        if dtype.kind == "b":
            if not isinstance(value, bool | np.bool_):
                raise TypeError(f"{self._describe(agent)} must be true or false, not {value!r}")
            return value
        if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
            raise TypeError(f"{self._describe(agent)} must be a number, not {value!r}")
        if dtype.kind == "i" and value != int(value):
            raise TypeError(f"{self._describe(agent)} must be a whole number, not {value!r}")
        if not self.low <= float(value) <= self.high or math.isinf(float(value)):
            raise ValueError(f"{self._describe(agent)} must be {self._describe_range()}, not {value!r}")
        return value

    def _describe_range(self) -> str:
        if math.isfinite(self.low) and math.isfinite(self.high):
            return f"between {self.low:g} and {self.high:g}"
        if math.isfinite(self.low):
            return f"a finite number of at least {self.low:g}"
        return "a finite number"
