"""The CSV file of a list of points: its header names paths of a scenario, each row below is a point."""

import csv
import io
from pathlib import Path
from typing import NamedTuple

from cpsim.scenario import sources
from cpsim.scenario.nodes import Node, from_text
from cpsim.scenario.problems import Place, Problem, ScenarioError, shown
from cpsim.study.vary import Scalar


class Column(NamedTuple):
    """One thing that varies: where its path was written, and its values with their places."""

    node: Node
    values: list[Node]


def columns_of_file(named: Node, experiment: Path, problems: list[Problem]) -> dict[str, Column]:
    """Read the file that an experiment names; cells are read like values of YAML.

    Returns:
        The columns by path; none, and the faults appended to `problems`, if anything is wrong.
    """
    try:
        file = sources.within(experiment.parent, experiment.parent, str(named.value))
        lines = _lines(file)
    except ScenarioError as error:
        problems += error.problems
        problems.append(Problem("the list of points cannot be used", named.at, named.path))
        return {}
    except ValueError as error:
        problems.append(Problem(str(error), named.at, named.path))
        return {}
    (header_line, header), *rows = lines
    found: list[Problem] = [*_faults_of_shape(header_line, header, rows, file)]
    columns = {
        path: Column(Node(None, path, at, at), [])
        for path, at in zip(header, _places(header_line, header, file), strict=True)
    }
    if not found:
        for line, row in rows:
            for column, cell, at in zip(columns.values(), row, _places(line, row, file), strict=True):
                column.values.append(_value(cell, at, column.node.path, found))
    problems += found
    return {} if found else columns


def _lines(file: Path) -> list[tuple[int, list[str]]]:
    """Rows that are not empty, with the number of the line on which each ends."""
    reader = csv.reader(io.StringIO(sources.read_text(file), newline=""), strict=True)
    try:
        lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if row]
    except csv.Error as error:
        raise _refusal(f"this is not CSV: {error}", Place(str(file), reader.line_num, 1)) from None
    if len(lines) < 2:
        raise _refusal(
            "expected a header with paths, and below it a row for each point", Place(str(file), 1, 1)
        )
    return lines


def _refusal(message: str, place: Place) -> ScenarioError:
    return ScenarioError([Problem(message, place)])


def _faults_of_shape(
    header_line: int, header: list[str], rows: list[tuple[int, list[str]]], file: Path
) -> list[Problem]:
    twice = [
        Problem(f"{shown(path)} stands in the header twice", at)
        for place, (path, at) in enumerate(zip(header, _places(header_line, header, file), strict=True))
        if path in header[:place]
    ]
    uneven = [
        Problem(f"{len(row)} cells under a header of {len(header)}", Place(str(file), line, 1))
        for line, row in rows
        if len(row) != len(header)
    ]
    return twice + uneven


def _places(line: int, cells: list[str], file: Path) -> list[Place]:
    """Where each cell begins, as long as nothing in the line is quoted or padded."""
    widths = [0, *(len(cell) + 1 for cell in cells)]
    return [Place(str(file), line, 1 + sum(widths[: place + 1])) for place in range(len(cells))]


def _value(cell: str, at: Place, path: str, problems: list[Problem]) -> Node:
    found: list[Problem] = []
    try:
        node = from_text(cell, at.file, found, path=path, lines=False)
    except ScenarioError as error:
        found += error.problems
        node = None
    if not found and (node is None or not isinstance(node.value, Scalar)):
        found.append(Problem(f"expected a single value, not {shown(cell)}"))
    problems += (Problem(problem.message, at, path) for problem in found)
    return Node(node.value if node and not found else None, path, at, at)
