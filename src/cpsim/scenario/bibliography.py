"""The bibliography: the laws, statistics and publications from which numbers of the model come.

The entries are data in `bibliography.json`, in this folder. They are in CSL-JSON, the format of Zotero, pandoc and
citeproc, since Python reads JSON without a further library and BibTeX only with one.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Reference:
    """An entry of the bibliography.

    Attributes:
        key: its id, such as "lea-cox-hall-1991".
        authors: authors, or the body or periodical that published it.
        year: year of publication, or "undated".
        title: title.
        published: periodical or publisher with the volume, pages and official numbers; may be empty.
        address: DOI or web address; may be empty.
        note: a remark; may be empty.
    """

    key: str
    authors: str
    year: str
    title: str
    published: str
    address: str
    note: str

    def format(self) -> str:
        """Format the entry as one line of text.

        >>> load_bibliography()["children-act-2004-s10"].format()
        'Children Act 2004. 2004 c. 31, section 10.'
        """
        sentences = [
            f"{self.authors} ({self.year})" if self.authors else "",
            self.title,
            self.published,
            self.note.removesuffix("."),
        ]
        text = "".join(f"{sentence}. " for sentence in sentences if sentence)
        return f"{text}{self.address}".rstrip()


@cache
def load_bibliography() -> dict[str, Reference]:
    """Load the bibliography, by key and in alphabetical order.

    >>> load_bibliography()["lea-cox-hall-1991"].authors
    'C. Lea-Cox and A. Hall'
    """
    text = Path(__file__).with_name("bibliography.json").read_text(encoding="utf-8")
    return {item["id"]: _create_reference(item) for item in json.loads(text)}


def _create_reference(item: dict[str, Any]) -> Reference:
    """Create a reference from an item of CSL-JSON."""
    is_law = item["type"] == "legislation"
    publisher = item.get("publisher", "")
    periodical = item.get("container-title", "")
    authors = _join_authors(item.get("author", [])) or ("" if is_law else periodical or publisher)
    details = [name for name in (periodical, publisher) if name != authors]
    return Reference(
        key=item["id"],
        authors=authors,
        year=str(item["issued"]["date-parts"][0][0]) if "issued" in item else "undated",
        title=item["title"],
        published=_join_details(item, details),
        address=f"https://doi.org/{item['DOI']}" if "DOI" in item else item.get("URL", ""),
        note=item.get("note", ""),
    )


def _join_authors(authors: list[dict[str, str]]) -> str:
    """Join the names of up to three authors; of more, only the first is named."""
    names = [author.get("literal") or f"{author['given']} {author['family']}" for author in authors]
    if len(names) > 3:
        return f"{names[0]} and others"
    *others, last = names or [""]
    return f"{', '.join(others)} and {last}" if others else last


def _join_details(item: dict[str, Any], names: list[str]) -> str:
    """Join where an item was published with its volume, pages, official number, section and ISBN."""
    issue = f"({item['issue']})" if "issue" in item else ""
    volume = f"{item.get('volume', '')}{issue}"
    pages = item.get("page", "").replace("-", "–")
    isbn = f"ISBN {item['ISBN']}" if "ISBN" in item else ""
    details = (*names, volume, pages, item.get("number", ""), item.get("section", ""), isbn)
    return ", ".join(detail for detail in details if detail)
