"""Claims about the reforms of child protection that scenarios refer to, each with an id such as "H4".

The claims are data in `claims.csv`, in this folder. They come from five articles published from 2002 to 2016, and each
is paraphrased in one sentence. A claim is listed because it was made, not because it is correct.
"""

import csv
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Claim:
    """A claim made in one of the articles.

    Attributes:
        id: a letter for the article and a number, such as "H4".
        claim: the claim, in one sentence.
        article: title of the article that makes it.
        year: year in which the article was published.
    """

    id: str
    claim: str
    article: str
    year: int


@cache
def load_claims() -> dict[str, Claim]:
    """Load all claims, by id and in the order of their articles.

    >>> load_claims()["H7"].claim
    'Merging primary care trusts breaks their links with councils.'
    """
    text = Path(__file__).with_name("claims.csv").read_text("utf-8")
    rows = csv.DictReader(io.StringIO(text))
    return {row["id"]: Claim(row["id"], row["claim"], row["article"], int(row["year"])) for row in rows}
