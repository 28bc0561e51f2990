"""The state of agents as columns: one table per type of agent, with one row per agent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

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

    def copy(self) -> AgentTable:
        """Return an independent table with the same content, for a forked model."""
        duplicate = AgentTable({name: self[name].dtype for name in self}, len(self))
        for name in self:
            duplicate[name] = self[name]
        return duplicate

    def to_frame(self) -> pd.DataFrame:
        """Return the table as a pandas DataFrame, whose columns are copies."""
        import pandas as pd

        return pd.DataFrame({name: self[name].copy() for name in self})


class TablePart(AgentTable):
    """Some consecutive rows of a larger table, as a table of their own.

    Args:
        whole: the larger table.
        rows: the rows.
        own: columns whose values the part has for itself, because they number rows of other tables.

    >>> whole = AgentTable({"authority": int, "caseload": float}, rows=4)
    >>> part = TablePart(whole, slice(2, 4), {"authority": np.zeros(2, int)})
    >>> part["caseload"] = 16
    >>> whole["caseload"].tolist(), part["authority"].tolist()
    ([0.0, 0.0, 16.0, 16.0], [0, 0])
    """

    def __init__(self, whole: AgentTable, rows: slice, own: Mapping[str, NDArray[Any]]) -> None:
        self._whole, self._slice = whole, rows
        self._rows = rows.stop - rows.start
        self._own = dict(own)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names of the columns, in the order of the schema."""
        return iter(self._whole)

    def __contains__(self, column: object) -> bool:
        return column in self._whole

    def __getitem__(self, column: str) -> NDArray[Any]:
        """Return a view of a column; writing to the view writes to the larger table.

        Raises:
            KeyError: there is no such column.
        """
        return self._own[column] if column in self._own else self._whole[column][self._slice]

    def grow(self, n: int) -> range:
        """Raise an error, since the rows after these belong to others.

        Raises:
            ValueError: always.
        """
        raise ValueError(f"a part of a table cannot grow by {n} rows")


def join_tables(tables: Sequence[AgentTable]) -> AgentTable:
    """Return a table with the rows of several tables one after another.

    >>> one, other = AgentTable({"caseload": float}, rows=1), AgentTable({"caseload": float}, rows=2)
    >>> len(join_tables([one, other]))
    3
    """
    joined = AgentTable({name: tables[0][name].dtype for name in tables[0]}, sum(map(len, tables)))
    for name in joined:
        joined[name] = np.concatenate([table[name] for table in tables])
    return joined
