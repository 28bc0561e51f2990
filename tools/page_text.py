"""Format numbers, units, symbols and tables for the pages of the documentation."""

import math
import re
from collections.abc import Iterable

GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi chi psi omega"
).split()
SHORT = {"eps": "epsilon", "kap": "kappa", "lam": "lambda"}


def format_symbol(symbol: str) -> str:
    """Format a symbol of the register as TeX for GitHub: `theta_47` becomes `$\\theta_{47}$`."""
    name, _, index = symbol.partition("_")
    name = SHORT.get(name, name)
    name = f"\\{name}" if name in GREEK else name if len(name) == 1 else rf"\mathrm{{{name}}}"
    if not index:
        return f"${name}$"
    index = rf"\mathrm{{{index}}}" if index.isalpha() and len(index) > 1 else index
    return f"${name}_{{{index}}}$"


def format_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Format a Markdown table; a vertical bar within a cell is escaped."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def format_number(value: float | None) -> str:
    """Format a number as in the register; empty for None."""
    if value is None:
        return ""
    return "∞" if math.isinf(value) else f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.6g}"


def format_unit(name: str) -> str:
    """Format a unit without underscores."""
    return name.replace("_", " ")


def anchor(heading: str) -> str:
    """Anchor of a heading on GitHub, for links."""
    return re.sub(r"[^\w\- ]", "", heading).replace(" ", "-").lower()
