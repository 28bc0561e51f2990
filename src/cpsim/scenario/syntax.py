"""Explanations of errors of the YAML parser: where the mistake is, what it is, and what to type instead.

The parser reports where it can go no further. The mistake is often earlier: a quotation mark that is never closed, an
apostrophe that ends a text, or a character from a word processor that only looks like one of YAML.
"""

import re
from typing import NamedTuple

from ruamel.yaml.error import MarkedYAMLError, StreamMark

from cpsim.scenario.text import describe_character, replace_lookalike

_SYNTAX_ERRORS = (
    (
        "mapping values are not allowed",
        "a colon followed by a space is not allowed here; put the text in quotes",
    ),
    ("sequence entries are not allowed", "an entry of a list cannot begin here; put it on a line of its own"),
    ("but found '}'", "this bracket closes nothing that is open"),
    ("but found ']'", "this bracket closes nothing that is open"),
    ("expected <block end>", "this line is not indented like its neighbours"),
    ("expected ',' or", "a comma or a closing bracket is missing"),
    ("cannot start any token", "this character cannot begin a value; put the text in quotes"),
    ("escape", "between double quotation marks, \\ begins an escape; put the text in single quotation marks"),
    ("expected alphabetic or numeric", "* and & cannot begin a text; put the text in quotes"),
)

NO_SPACE = re.compile(r"([A-Za-z_]\w*):(\S.*)")
"""A setting without the space between its colon and its value."""

_CLOSED_TOO_EARLY = re.compile(r"""(?:^|[:\[{,-]\s+)(["'])(?:(?!\1).)*(\1)\w[^"']*$""")


class Mistake(NamedTuple):
    """A mistake: what it is, and its line and column, from 0; no place if the parser names none."""

    message: str
    place: tuple[int, int] | None


def explain_syntax_error(text: str, error: MarkedYAMLError, begins: StreamMark | None) -> Mistake:
    """Find the mistake that causes an error of the parser.

    Args:
        text: the whole document.
        error: the error.
        begins: where the last single value before the error begins; None if there is none.
    """
    problem, mark = str(error.problem or error.context), error.problem_mark or error.context_mark
    if mark is None:
        return Mistake(f"this is not YAML: {problem}", None)
    opened = error.context_mark
    if opened is not None and "found unexpected end of stream" in problem:
        return Mistake("the quotation mark that opens here is never closed", (opened.line, opened.column))
    if opened is not None and "<stream end>" in problem and "flow" in str(error.context):
        return Mistake("the bracket that opens here is never closed", (opened.line, opened.column))
    if opened is not None and "could not find expected ':'" in problem:
        line = text[opened.index :].partition("\n")[0]
        if (column := find_lookalike(line)) is not None:
            return Mistake(describe_lookalike(line[column]), (opened.line, opened.column + column))
        return Mistake(describe_missing_colon(line), (opened.line, opened.column))
    lines = text[: mark.index].split("\n")
    before, rest = lines[-1], text[mark.index :].partition("\n")[0]
    return (
        _find_lookalike(lines, rest)
        or _find_end_of_quote(lines, rest, begins)
        or ("mapping values" in problem and _find_line_before(lines))
        or Mistake(_translate(problem, error, mark), (len(lines) - 1, len(before)))
    )


def find_lookalike(text: str) -> int | None:
    """The place of the first character that only looks like one of YAML's own, in a position where that one matters.

    This is in the indentation, at the beginning of a line or value, after a colon, or in place of a colon or bracket.

    >>> find_lookalike("  – school"), find_lookalike("question: before – and after")
    (2, None)
    """
    for place, character in enumerate(text):
        typed = replace_lookalike(character)
        if typed is None:
            continue
        before = text[:place].strip()
        begins_value = not before or before[-1] in ":[{,-"
        if typed in ":,[]{}#" or (begins_value and (typed != "-" or text[place + 1 : place + 2].isspace())):
            return place
    return None


def describe_lookalike(character: str) -> str:
    """Name a character that only looks like one of YAML's own, and say what to type.

    >>> describe_lookalike("–")
    'this is an en dash (U+2013), as word processors write it; type - instead'
    """
    typed = replace_lookalike(character)
    instead = "an ordinary space" if typed == " " else typed
    return f"this is {describe_character(character)}, as word processors write it; type {instead} instead"


def _find_lookalike(lines: list[str], rest: str) -> Mistake | None:
    """Find a similar character in the line of the error or in the one before."""
    number = len(lines) - 1
    for line, text in ((number - 1, "".join(lines[-2:-1])), (number, lines[-1] + rest)):
        if (column := find_lookalike(text)) is not None:
            return Mistake(describe_lookalike(text[column]), (line, column))
    return None


def _find_end_of_quote(lines: list[str], rest: str, begins: StreamMark | None) -> Mistake | None:
    """Find an apostrophe or quotation mark that ends a text too early: more of the text follows it."""
    number, before = len(lines) - 1, lines[-1]
    if before[-1:] in ("'", '"') and rest[:1].isalnum():
        column = len(before) - 1
    elif match := _CLOSED_TOO_EARLY.search(before):
        column = match.start(2)
    else:
        column = len(before.rstrip()) - 1
        if before[column : column + 1] not in ("'", '"') or not rest[:1].isalnum():
            return None
    opens = f" that begins on line {begins.line + 1}" if begins and begins.line < number else ""
    follows = before[column + 1 : column + 2] == " "
    if before[column] == "'":
        mark = "quotation mark" if follows else "apostrophe"
        return Mistake(f"this {mark} ends the text{opens}; put the text in double quotes", (number, column))
    return Mistake(
        f'this quotation mark ends the text{opens}; put the text in single quotes, or write \\" inside it',
        (number, column),
    )


def _find_line_before(lines: list[str]) -> Mistake | None:
    """Find what is missing in the line before one that cannot have a colon, because it is read as its continuation."""
    here = lines[-1]
    written = [
        (number, line) for number, line in enumerate(lines[:-1]) if line.strip() and line.strip()[0] != "#"
    ]
    if not written or not re.fullmatch(r"\s*(?:- +)?[\w.]+", here):
        return None
    number, line = written[-1]
    column = len(line) - len(line.lstrip(" -"))
    if ": " not in line and not line.rstrip().endswith(":"):
        return Mistake(describe_missing_colon(line[column:]), (number, column))
    indent = len(here) - len(here.lstrip())
    if indent > len(line) - len(line.lstrip()):
        message = (
            "this line is indented further than the one before, so it is read as part of its text; indent it like its "
            "neighbours, or put the text in quotes"
        )
        return Mistake(message, (len(lines) - 1, indent))
    return None


def describe_missing_colon(line: str) -> str:
    """Describe what is missing in a line without a colon and a space; it begins with the name of a setting.

    >>> describe_missing_colon("clock:{years"), describe_missing_colon("clock {years")
    ('there is no space after `clock:`; write one', 'a setting is written `name: value`; the colon is missing')
    """
    if match := NO_SPACE.match(line):
        return f"there is no space after `{match[1]}:`; write one"
    return "a setting is written `name: value`; the colon is missing"


def _translate(problem: str, error: MarkedYAMLError, mark: StreamMark) -> str:
    """Put the parser's message into plain words that say what to do."""
    if "'\\t'" in problem:
        return "a tab stands where YAML allows only spaces; indent with spaces"
    opened = error.context_mark
    for technical, plain in _SYNTAX_ERRORS:
        if technical in problem:
            far = opened is not None and opened.line < mark.line and technical == "expected ',' or"
            return f"{plain}; the bracket opens on line {opened.line + 1}" if far and opened else plain
    return f"this is not YAML: {problem}"
