"""The submodels of the ODD page: the numbered equations of the model page, with the settings that each submodel uses.

Equations come from the model page, settings from the register of parameters. A setting is listed with a submodel if its
symbol occurs in the mathematics of that section. If two settings share a symbol, the one of the section's own
mechanisms is used. A letter that the model page explains under "Letters" is never a setting.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from page_text import GREEK, anchor, format_number, format_symbol, format_table, format_unit

from cpsim.scenario.register import Parameter, load_register

EQUATION = re.compile(r"^```math\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
NUMBER = re.compile(r"\\tag\{(.*?)\}")
CITED = re.compile(r"\b(?:M\d+|L)\.\d+\b")
INLINE = re.compile(r"\$([^$]+)\$")
SECTION = re.compile(r"^## ", re.MULTILINE)
TEX = re.compile(
    r"\\(?:text|tag|begin|end)\{[^{}]*\}"
    rf"|(?P<name>\\mathrm\{{[^{{}}]*\}}|\\(?:{'|'.join(GREEK)}|ell)(?![a-z])|(?<![\\a-zA-Z])[A-Za-z])"
    r"(?:_(?:\{(?P<index>(?:[^{}]|\{[^{}]*\})*)\}|(?P<letter>\w)))?"
    r"|\\[A-Za-z]+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Equation:
    """A displayed equation: its number, its TeX, and the sentence that introduces it."""

    number: str
    tex: str
    introduction: str


@dataclass(frozen=True)
class Submodel:
    """A section of the model page that has equations."""

    title: str
    text: str

    @property
    def mechanisms(self) -> set[str]:
        """Numbers of the mechanisms in the heading; the empty string, as for accounting settings, if there are none."""
        return set(re.findall(r"\bM\d+", self.title)) or {""}

    @property
    def equations(self) -> list[Equation]:
        """The equations of the section, in the order of the page.

        Raises:
            ValueError: an equation does not have exactly one number.
        """
        blocks = re.split(r"\n{2,}", self.text)
        found = []
        for before, block in zip(["", *blocks], blocks, strict=False):
            if equation := EQUATION.fullmatch(block):
                numbers = NUMBER.findall(equation[1])
                if len(numbers) != 1:
                    raise ValueError(f"an equation needs exactly one \\tag: {equation[1]}")
                found.append(Equation(numbers[0], block, _find_introduction(before)))
        return found


def read_submodels(page: str) -> list[Submodel]:
    """Read the submodels from the model page, in its order."""
    sections = [section.partition("\n") for section in SECTION.split(page)[1:]]
    return [Submodel(title, text.strip()) for title, _, text in sections if EQUATION.search(text)]


def find_symbols_in_tex(tex: str) -> set[str]:
    """Find the symbols of some TeX, each with its index in braces; an index in words is left out."""
    found = set()
    for symbol in TEX.finditer(tex):
        if name := symbol["name"]:
            index = symbol["index"] or symbol["letter"]
            found.add(f"{name}_{{{index}}}" if index and "\\text" not in index else name)
    return found


def find_symbols(text: str) -> set[str]:
    """Find the symbols of all displayed and inline mathematics in a text."""
    displayed = EQUATION.findall(text)
    return find_symbols_in_tex(" ".join([*displayed, *INLINE.findall(EQUATION.sub("", text))]))


def find_letters(page: str) -> set[str]:
    """Find the symbols that the model page explains under "Letters", which are not settings."""
    return find_symbols(page.partition("\n### Letters\n")[2].partition("\n## ")[0])


def setting_symbol(row: Parameter) -> str:
    """Symbol of a setting in TeX, or its name if it has no symbol."""
    return format_symbol(row.symbol or row.id.rpartition(".")[2])


def select_settings(submodel: Submodel, letters: set[str]) -> list[list[Parameter]]:
    """Select the settings that a submodel uses, each as its rows of the register (one for each agency kind or age).

    Raises:
        ValueError: a symbol can stand for several settings.
    """
    named: dict[str, list[Parameter]] = {}
    for row in load_register().values():
        named.setdefault(setting_symbol(row).strip("$"), []).append(row)
    used = find_symbols(submodel.text) - letters
    return [_select_of_mechanism(rows, submodel) for symbol, rows in named.items() if symbol in used]


def _select_of_mechanism(rows: list[Parameter], submodel: Submodel) -> list[Parameter]:
    meant = [row for row in rows if row.mechanism in submodel.mechanisms] or rows
    if len({_setting_meaning(row) for row in meant}) > 1:
        raise ValueError(
            f"{setting_symbol(rows[0])} in '{submodel.title}' can stand for any of {[row.id for row in meant]}"
        )
    return meant


def _setting_meaning(row: Parameter) -> str:
    """Meaning of a setting, without the kind of agency in brackets at the end."""
    return row.meaning.rpartition(" (")[0] if row.id.startswith("agencies.") else row.meaning


def _find_introduction(before: str) -> str:
    """Return the last sentence of the paragraph before an equation, or nothing if no paragraph precedes it."""
    if before.startswith(("#", "|", "```")):
        return ""
    sentence = re.split(r"(?<=\.)\)?\s+(?=\W*[A-Z])", " ".join(before.split()))[-1]
    return f"{sentence[:1].upper()}{sentence[1:]}".replace("](#", "](index.md#")


def format_submodels(page: Path, twin: Path) -> str:
    """Format all submodels of the model page, with the modules of the textbook twin that cite their equations."""
    text = page.read_text(encoding="utf-8")
    cited = {
        module.name: set(CITED.findall(module.read_text("utf-8"))) for module in sorted(twin.glob("*.py"))
    }
    explained = find_letters(text)
    return "\n\n".join(
        block
        for submodel in read_submodels(text)
        for block in _format_blocks(submodel, select_settings(submodel, explained), cited)
    )


def _format_blocks(
    submodel: Submodel, settings: list[list[Parameter]], cited: dict[str, set[str]]
) -> Iterator[str]:
    equations = submodel.equations
    numbers = {equation.number for equation in equations}
    modules = [f"`{name}`" for name, numbers_cited in cited.items() if numbers_cited & numbers]
    twin = f" Twin: {', '.join(modules)}." if modules else ""
    yield f"### {submodel.title}"
    yield f"[In full](index.md#{anchor(submodel.title)}).{twin}"
    for equation in equations:
        if equation.introduction:
            yield equation.introduction
        yield equation.tex
    if settings:
        head = ["symbol", "setting", "meaning", "unit", "default", "plausible", "tag"]
        yield format_table(head, (_format_row(rows) for rows in settings))


def _format_row(rows: list[Parameter]) -> list[str]:
    first = rows[0]
    return [
        setting_symbol(first),
        f"`{_format_setting(rows)}`",
        _setting_meaning(first),
        format_unit(first.unit),
        _format_range([row.default for row in rows]),
        f"{format_number(min(row.low for row in rows))} to {format_number(max(row.high for row in rows))}",
        ", ".join(dict.fromkeys(row.tag for row in rows)),
    ]


def _format_setting(rows: list[Parameter]) -> str:
    """Format the name that the rows share, with a star for a kind of agency, a kind of need or an age."""
    steps = zip(*(row.id.split(".") for row in rows), strict=True)
    return ".".join(names[0] if len(set(names)) == 1 else "*" for names in steps)


def _format_range(values: list[float]) -> str:
    lowest, highest = min(values), max(values)
    return (
        format_number(lowest) if lowest == highest else f"{format_number(lowest)} to {format_number(highest)}"
    )
