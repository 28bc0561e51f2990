"""The state of agents is stored in columns, one row per agent."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cpsim.agents.columns import AgentTable

SCHEMA = {"attention": np.float64, "noticed": np.int64, "duty_bound": np.bool_}


def test_values_written_to_a_column_are_stored_in_the_table() -> None:
    table = AgentTable(SCHEMA, 3)
    table["attention"][1] = 0.8
    table["attention"] *= 0.5
    assert table["attention"].tolist() == [0.0, 0.4, 0.0]


def test_new_rows_never_replace_existing_rows() -> None:
    table = AgentTable(SCHEMA, 2)
    table["noticed"] = [7, 9]
    assert [table.grow(1) for _ in range(3)] == [range(2, 3), range(3, 4), range(4, 5)]
    assert table["noticed"].tolist() == [7, 9, 0, 0, 0]
    assert len(table) == 5


def test_all_columns_have_the_length_of_the_table_after_adding_a_thousand_rows() -> None:
    table = AgentTable(SCHEMA)
    for week in range(1000):
        (row,) = table.grow(1)
        table["noticed"][row] = week
    assert {table[column].size for column in table} == {1000}
    assert table["noticed"].tolist() == list(range(1000))


def test_writing_to_a_copy_of_a_table_does_not_change_the_original() -> None:
    table = AgentTable(SCHEMA, 2)
    duplicate = table.copy()
    duplicate["attention"] = 1.0
    duplicate.grow(1)
    assert table["attention"].tolist() == [0.0, 0.0]
    assert len(table) == 2


@pytest.mark.parametrize("again", [lambda t: pickle.loads(pickle.dumps(t)), copy.deepcopy])  # noqa: S301
def test_a_pickled_or_deep_copied_table_is_independent_of_the_original(again: Callable[[Any], Any]) -> None:
    table = AgentTable(SCHEMA, 2)
    table.grow(1)
    duplicate = again(table)
    duplicate["attention"][0] = 0.3
    assert duplicate["attention"].tolist() == [0.3, 0.0, 0.0]
    assert table["attention"].tolist() == [0.0, 0.0, 0.0]


def test_values_of_the_wrong_kind_or_shape_are_refused() -> None:
    table = AgentTable(SCHEMA, 2)
    with pytest.raises(TypeError):
        table["noticed"] = 0.5
    with pytest.raises(ValueError, match="could not broadcast"):
        table["attention"] = [0.1, 0.2, 0.3]
    with pytest.raises(KeyError):
        table["attentoin"]


def test_a_table_cannot_shrink() -> None:
    with pytest.raises(ValueError, match="must grow by 0 or more rows, not -1"):
        AgentTable(SCHEMA).grow(-1)
    with pytest.raises(ValueError, match="the number of rows of a table must be 0 or more, not -1"):
        AgentTable(SCHEMA, -1)


def test_writing_to_a_data_frame_does_not_change_the_table() -> None:
    table = AgentTable(SCHEMA, 2)
    frame = table.to_frame()
    frame.loc[0, "attention"] = 1.0
    assert list(frame.columns) == list(SCHEMA)
    assert table["attention"][0] == 0.0
    assert "noticed" in table
