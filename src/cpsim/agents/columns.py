"""The state of agents as columns: one table per type of agent, with one row per agent."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

if TYPE_CHECKING:
    import pandas as pd


class AgentTable:
    """Named NumPy columns of equal length, one row per agent, to which rows can be added.

    Rows are never removed or reused, so a row number stands for one agent throughout a run; a column marks agents that
    have left. New rows are zero.

    Args:
        schema: dtype of each column, in order.
        rows: number of rows at the start.

    Raises:
        ValueError: `rows` is negative.

    >>> table = AgentTable({"employed": bool, "caseload": float}, rows=2)
    >>> table["caseload"][1] = 16
    >>> table.grow(1)
    range(2, 3)
    >>> table["caseload"].tolist()
    [0.0, 16.0, 0.0]
    """

    def __init__(self, schema: Mapping[str, DTypeLike], rows: int = 0) -> None:
        if rows < 0:
            raise ValueError(f"the number of rows of a table must be 0 or more, not {rows}")
        self._rows = rows
        self._blocks: dict[str, NDArray[Any]] = {
            name: np.zeros(rows, dtype) for name, dtype in schema.items()
        }

    def __len__(self) -> int:
        return self._rows

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the columns, in the order of the schema."""
        return iter(self._blocks)

    def __contains__(self, column: object) -> bool:
        return column in self._blocks

    def __getitem__(self, column: str) -> NDArray[Any]:
        """Return a view of a column; writing to the view writes to the table.

        Get a new view after `grow`, because an earlier view can refer to memory that the table no longer uses.

        Raises:
            KeyError: there is no such column.
        """
        # A stored view would be separated from its block by pickling or deep copying, so it is made on every access.
        block = self._blocks[column]
        return block if len(block) == self._rows else block[: self._rows]

    def __setitem__(self, column: str, values: ArrayLike) -> None:
        """Write a whole column; values are broadcast to all rows.

        Raises:
            KeyError: there is no such column.
            TypeError: the column cannot hold values of this kind, such as a fraction in a count.
            ValueError: the shape of the values does not fit.
        """
        np.copyto(self[column], cast(Any, values), casting="same_kind")

    def grow(self, n: int) -> range:
        """Append `n` rows of zeros and return their row numbers.

        Raises:
            ValueError: `n` is negative.
        """
        if n < 0:
            raise ValueError(f"a table must grow by 0 or more rows, not {n}")
        new = range(self._rows, self._rows + n)
        for name, block in self._blocks.items():
            if new.stop > block.size:
                # Doubling keeps the total cost of adding rows one by one linear.
                spare = np.zeros(max(new.stop, 2 * block.size) - self._rows, block.dtype)
                self._blocks[name] = np.concatenate([block[: self._rows], spare])
        self._rows = new.stop
        return new

    def copy(self) -> Self:
        """Return an independent table with the same content, for a forked model."""
        duplicate = copy.copy(self)
        duplicate._blocks = {name: self[name].copy() for name in self}
        return duplicate

    def to_frame(self) -> pd.DataFrame:
        """Return the table as a pandas DataFrame, whose columns are copies."""
        import pandas as pd

        return pd.DataFrame({name: self[name].copy() for name in self})
