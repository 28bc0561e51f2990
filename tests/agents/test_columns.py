"""State lives in columns, and an agent is a row that knows its place."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cpsim.agents.columns import Table

SCHEMA = {"attention": np.float64, "noticed": np.int64, "duty_bound": np.bool_}


def test_what_is_written_to_a_column_stays_in_the_table() -> None:
    table = Table(SCHEMA, 3)
    table["attention"][1] = 0.8
    table["attention"] *= 0.5
    assert table["attention"].tolist() == [0.0, 0.4, 0.0]


def test_a_new_worker_never_takes_the_row_of_one_who_left() -> None:
    table = Table(SCHEMA, 2)
    table["noticed"] = [7, 9]
    assert [table.grow(1) for _ in range(3)] == [range(2, 3), range(3, 4), range(4, 5)]
    assert table["noticed"].tolist() == [7, 9, 0, 0, 0]
    assert len(table) == 5


def test_a_thousand_hirings_leave_every_column_as_long_as_the_table() -> None:
    table = Table(SCHEMA)
    for week in range(1000):
        (row,) = table.grow(1)
        table["noticed"][row] = week
    assert {table[column].size for column in table} == {1000}
    assert table["noticed"].tolist() == list(range(1000))


def test_a_forked_history_does_not_write_into_the_one_it_came_from() -> None:
    table = Table(SCHEMA, 2)
    twin = table.copy()
    twin["attention"] = 1.0
    twin.grow(1)
    assert table["attention"].tolist() == [0.0, 0.0]
    assert len(table) == 2


@pytest.mark.parametrize("again", [lambda t: pickle.loads(pickle.dumps(t)), copy.deepcopy])  # noqa: S301
def test_a_saved_table_still_writes_to_itself(again: Callable[[Any], Any]) -> None:
    table = Table(SCHEMA, 2)
    table.grow(1)
    twin = again(table)
    twin["attention"][0] = 0.3
    assert twin["attention"].tolist() == [0.3, 0.0, 0.0]
    assert table["attention"].tolist() == [0.0, 0.0, 0.0]


def test_a_share_cannot_be_written_into_a_count() -> None:
    table = Table(SCHEMA, 2)
    with pytest.raises(TypeError):
        table["noticed"] = 0.5
    with pytest.raises(ValueError, match="could not broadcast"):
        table["attention"] = [0.1, 0.2, 0.3]
    with pytest.raises(KeyError):
        table["attentoin"]


def test_a_table_cannot_shrink() -> None:
    with pytest.raises(ValueError, match="cannot grow by -1"):
        Table(SCHEMA).grow(-1)
    with pytest.raises(ValueError, match="cannot have -1 rows"):
        Table(SCHEMA, -1)


def test_a_frame_is_a_copy() -> None:
    table = Table(SCHEMA, 2)
    frame = table.to_frame()
    frame.loc[0, "attention"] = 1.0
    assert list(frame.columns) == list(SCHEMA)
    assert table["attention"][0] == 0.0
    assert "noticed" in table
