"""Read the CSV file of a list of points: the header lists scenario paths, and each row is a point.

Files as spreadsheets and pandas write them are read too: with semicolons or tabs between the cells, with a first column
that only numbers the rows, and with whole numbers such as 200.0.
"""

import csv
import io
import re
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from cpsim.experiment.variation import Scalar
from cpsim.formatting import format_count
from cpsim.scenario import sources
from cpsim.scenario.nodes import Node, parse_text
from cpsim.scenario.paths import resolve_within
from cpsim.scenario.problems import Place, Problem, ScenarioError, format_value

_MAX_BYTES = 1_000_000
_MAX_COLUMNS = 200
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,2})?")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_ENDINGS = (".csv", ".txt")
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_INDEX_NAMES = ("", "point", "index", "Unnamed: 0")
"""Headers of a column that numbers the rows, as pandas and spreadsheets write it."""


class PointsColumn(NamedTuple):
    """A varied path: the node where the path was written, and its values with their places."""

    node: Node
    values: list[Node]

    def convert_whole_numbers(self) -> "PointsColumn":
        """Return the column of a setting that takes whole numbers, with 200.0 as 200."""
        return PointsColumn(self.node, [_convert_whole_number(value) for value in self.values])


def _convert_whole_number(node: Node) -> Node:
    if not isinstance(node.value, float) or not node.value.is_integer():
        return node
    return replace(node, value=int(node.value))


def read_points_file(named: Node, experiment: Path, problems: list[Problem]) -> dict[str, PointsColumn]:
    """Read the points file of an experiment; cells are read like YAML values.

    Returns:
        The columns by path. If the file has an error, there are none, and `problems` gets the errors.
    """
    try:
        file = resolve_within(experiment.parent, experiment.parent, str(named.value), _ENDINGS)
        lines = _read_lines(file)
    except ScenarioError as error:
        problems += error.problems
        problems.append(Problem("this list of points has errors", named.at, named.path))
        return {}
    except ValueError as error:
        problems.append(Problem(str(error), named.at, named.path))
        return {}
    (header_line, header), *rows = _remove_index(lines)
    if len(header) > _MAX_COLUMNS:
        message = f"the header has {len(header):,} paths; at most {_MAX_COLUMNS} are allowed"
        problems.append(Problem(message, Place(str(file), header_line, 1)))
        return {}
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
    text = sources.read_text(file, _MAX_BYTES)
    delimiter = _find_delimiter(text.split("\n", 1)[0], file)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
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


def _find_delimiter(header: str, file: Path) -> str:
    """Return the character between the cells of the header, a comma if there is only one cell.

    Raises:
        ScenarioError: it cannot be determined, because the header has several such characters.
    """
    found = [delimiter for delimiter in _DELIMITERS if delimiter in header]
    if len(found) > 1:
        names = " and ".join(_DELIMITERS[delimiter] for delimiter in found)
        raise _build_error(
            f"the header has {names}; write only commas between the paths", Place(str(file), 1, 1)
        )
    return found[0] if found else ","


def _remove_index(lines: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """Remove a first column that only numbers the rows, from 0 or from 1."""
    (_, header), *rows = lines
    numbers = [row[0] for _, row in rows]
    counts = [[str(number + first) for number in range(len(rows))] for first in (0, 1)]
    if len(header) > 1 and header[0] in _INDEX_NAMES and numbers in counts:
        return [(line, row[1:]) for line, row in lines]
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
    columns = accumulate((len(cell) + 1 for cell in cells[:-1]), initial=1)
    return [Place(str(file), line, column) for column in columns]


def _parse_cell(cell: str, at: Place, path: str, problems: list[Problem]) -> Node:
    # The YAML parser takes a hundred times as long, so it reads only what is neither a number nor a word.
    if _NUMBER.fullmatch(cell):
        return Node(float(cell) if set(cell) & set(".eE") else int(cell), path, at, at)
    if _WORD.fullmatch(cell) and cell.lower() not in ("true", "false", "null"):
        return Node(cell, path, at, at)
    found: list[Problem] = []
    if re.fullmatch(r"-?[0-9]+,[0-9]+", cell):
        found.append(Problem(f"{cell} has a decimal comma; write {cell.replace(',', '.')}"))
    try:
        node = parse_text(cell, at.file, found, path=path, lines=False)
    except ScenarioError as error:
        found += error.problems
        node = None
    if not found and (node is None or not isinstance(node.value, Scalar)):
        found.append(Problem(f"expected a single value, not {format_value(cell)}"))
    problems += (Problem(problem.message, at, path) for problem in found)
    return Node(node.value if node and not found else None, path, at, at)
