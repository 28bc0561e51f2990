"""The arguments of the reform years that scenarios speak to, each known by a letter and a number.

`claims.csv` beside this file holds them: what five articles of 2002 to 2016 held to be true, each claim in a sentence
of our own. A claim stands here because somebody made it, not because it is right.
"""

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Claim:
    """One claim.

    Attributes:
        id: a letter for the article and a number, such as "H4".
        claim: what is said to be so.
        article: title of the article that says it.
        year: when that appeared.
    """

    id: str
    claim: str
    article: str
    year: int


@cache
def claims() -> dict[str, Claim]:
    """All claims by id, article by article."""
    text = files("cpsim.scenario").joinpath("claims.csv").read_text("utf-8")
    rows = csv.DictReader(io.StringIO(text))
    return {row["id"]: Claim(row["id"], row["claim"], row["article"], int(row["year"])) for row in rows}
