"""Read the CSV file of a list of points: the header lists scenario paths, and each row is a point."""

import csv
import io
from pathlib import Path
from typing import NamedTuple

from cpsim.experiment.variation import Scalar
from cpsim.formatting import format_count
from cpsim.scenario import sources
from cpsim.scenario.nodes import Node, parse_text
from cpsim.scenario.problems import Place, Problem, ScenarioError, format_value


class PointsColumn(NamedTuple):
    """A varied path: the node where the path was written, and its values with their places."""

    node: Node
    values: list[Node]


def read_points_file(named: Node, experiment: Path, problems: list[Problem]) -> dict[str, PointsColumn]:
    """Read the points file of an experiment; cells are read like YAML values.

    Returns:
        The columns by path. If the file has an error, there are none, and `problems` gets the errors.
    """
    try:
        file = sources.resolve_within(experiment.parent, experiment.parent, str(named.value))
        lines = _read_lines(file)
    except ScenarioError as error:
        problems += error.problems
        problems.append(Problem("this list of points has errors", named.at, named.path))
        return {}
    except ValueError as error:
        problems.append(Problem(str(error), named.at, named.path))
        return {}
    (header_line, header), *rows = lines
    found: list[Problem] = [*_find_shape_problems(header_line, header, rows, file)]
    columns = {
        path: PointsColumn(Node(None, path, at, at), [])
        for path, at in zip(header, _locate_cells(header_line, header, file), strict=True)
    }
    if not found:
        for line, row in rows:
            for column, cell, at in zip(columns.values(), row, _locate_cells(line, row, file), strict=True):
                column.values.append(_parse_cell(cell, at, column.node.path, found))
    problems += found
    return {} if found else columns


def _read_lines(file: Path) -> list[tuple[int, list[str]]]:
    """Read the rows that are not empty, each with the number of the line on which it ends."""
    reader = csv.reader(io.StringIO(sources.read_text(file), newline=""), strict=True)
    try:
        lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if row]
    except csv.Error as error:
        raise _build_error(
            f"this file is not valid CSV: {error}", Place(str(file), reader.line_num, 1)
        ) from None
    if len(lines) < 2:
        raise _build_error(
            "expected a header with paths, and below it a row for each point", Place(str(file), 1, 1)
        )
    return lines


def _build_error(message: str, place: Place) -> ScenarioError:
    return ScenarioError([Problem(message, place)])


def _find_shape_problems(
    header_line: int, header: list[str], rows: list[tuple[int, list[str]]], file: Path
) -> list[Problem]:
    repeated = [
        Problem(f"{format_value(path)} is in the header twice", at)
        for column, (path, at) in enumerate(
            zip(header, _locate_cells(header_line, header, file), strict=True)
        )
        if path in header[:column]
    ]
    uneven = [
        Problem(
            f"this row has {format_count(len(row), 'cell')}, but the header has {len(header)}",
            Place(str(file), line, 1),
        )
        for line, row in rows
        if len(row) != len(header)
    ]
    return repeated + uneven


def _locate_cells(line: int, cells: list[str], file: Path) -> list[Place]:
    """Find where each cell begins; exact only if no cell of the line is quoted or padded with spaces."""
    widths = [0, *(len(cell) + 1 for cell in cells)]
    return [Place(str(file), line, 1 + sum(widths[: column + 1])) for column in range(len(cells))]


def _parse_cell(cell: str, at: Place, path: str, problems: list[Problem]) -> Node:
    found: list[Problem] = []
    try:
        node = parse_text(cell, at.file, found, path=path, lines=False)
    except ScenarioError as error:
        found += error.problems
        node = None
    if not found and (node is None or not isinstance(node.value, Scalar)):
        found.append(Problem(f"expected a single value, not {format_value(cell)}"))
    problems += (Problem(problem.message, at, path) for problem in found)
    return Node(node.value if node and not found else None, path, at, at)
