"""Search for words: in any order and spelling, in the singular or plural, and by other words of the field.

A hyphen, an underscore, a full stop and a space are the same, and so are upper and lower case; apostrophes and accents
do not matter.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cpsim.scenario.problems import format_value, list_nearest
from cpsim.scenario.renamed import list_renamings

_LEAST_PREFIX = 4
"""Least length of a word that also finds longer words; `CAF` is not the beginning of `Cafcass`."""
_COMMON = frozenset("a an and are by do does for how in is it of on or the to what when who with".split())
"""Words that are left out of a search that has other words."""
_MOST_NEAREST = 3


class Topic(NamedTuple):
    """Something that can be found by words.

    Attributes:
        name: its name, as in a scenario file or a command.
        meaning: what it is, in a sentence or a full name, as it is shown.
        more: further text in which words are found; it is not shown.

    >>> Topic("gp_duty", "General practices' duty to co-operate").name
    'gp_duty'
    """

    name: str
    meaning: str = ""
    more: str = ""


class _SearchTerm(NamedTuple):
    """One word, or a phrase of the field such as `baby p`, and the phrases of the same meaning."""

    words: str
    meanings: tuple[str, ...]


@cache
def load_synonyms() -> dict[str, tuple[str, ...]]:
    """Load the words under which something can be found that is called by other ones, in lower case.

    >>> load_synonyms()["database"]
    ('contactpoint', 'index', 'shared record', 'tracking system')
    """
    text = Path(__file__).with_name("synonyms.csv").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for row in csv.DictReader(text.splitlines()):
        found[row["word"]] = (*found.get(row["word"], ()), row["meaning"].lower())
    return found


def select_topics(words: Sequence[str], topics: Iterable[Topic]) -> list[Topic]:
    """Select the topics that mention all words, or words of the same meaning, the best first; all for no words.

    First comes what has exactly this name, then what has all words in its name, then what has them in its meaning. A
    word of the same meaning comes after the word itself.

    >>> duty, hub = Topic("gp_duty", "a duty of general practices"), Topic("hub", "a hub, once practices have a duty")
    >>> [topic.name for topic in select_topics(["Duty", "practices"], [hub, duty])]
    ['gp_duty', 'hub']
    >>> select_topics(["MASH"], [hub, duty]) == [hub]
    True
    """
    terms = _split_into_terms(words)
    ranked = [(rank, topic) for topic in topics if (rank := _rank(topic, terms)) is not None]
    return [topic for _, topic in sorted(ranked, key=lambda pair: pair[0])]


def is_exact(words: Sequence[str], topic: Topic) -> bool:
    """Return whether the words are the name of a topic, in any spelling.

    >>> is_exact(["GP", "duty"], Topic("gp_duty")), is_exact(["duty"], Topic("gp_duty"))
    (True, False)
    """
    return simplify(" ".join(words)) == simplify(topic.name)


def find_in_names(words: Sequence[str], topic: Topic) -> bool:
    """Return whether all words, or words of the same meaning, are in the name of a topic.

    >>> find_in_names(["hubs"], Topic("dcs_hub")), find_in_names(["hub"], Topic("links", "ties as in a hub"))
    (True, False)
    """
    return bool(select_topics(words, [Topic(topic.name)]))


def describe_nothing_found(words: Sequence[str], topics: Sequence[Topic], what: str = "nothing") -> str:
    """Describe that no topic mentions all words: which word is unknown and what it may stand for.

    Args:
        words: the words.
        topics: what was searched.
        what: what was searched, as the subject of the sentence, such as `no scenario`.

    >>> describe_nothing_found(["dutty"], [Topic("duty"), Topic("hub")])
    "nothing mentions 'dutty'; did you mean 'duty'?"
    >>> describe_nothing_found(["duty", "hub"], [Topic("duty"), Topic("hub")])
    "nothing mentions 'duty' and 'hub' together; search for fewer words"
    """
    unknown = [
        term.words
        for term in _split_into_terms(words)
        if all(_rank(topic, [term]) is None for topic in topics)
    ]
    if len(words) == 1:
        sought = words[0]
    elif unknown:
        sought = next((word for word in words if simplify(word) in unknown), unknown[0])
    else:
        return f"{what} mentions {_join(map(format_value, words))} together; search for fewer words"
    return f"{what} mentions {format_value(sought)}{_suggest(sought, topics)}"


def _suggest(word: str, topics: Iterable[Topic]) -> str:
    """Suggest the new name of something that was renamed, or else the nearest names and words of names."""
    old = {simplify(word), simplify(word.rpartition(".")[2])}
    if new := [renaming.new for renaming in list_renamings() if simplify(renaming.old) in old]:
        return f"; it is now called {_join(map(repr, dict.fromkeys(new)), 'or')}"
    vocabulary = {part for topic in topics for part in (topic.name, *re.split(r"[\W_]+", topic.name.lower()))}
    same_start_first = sorted(vocabulary - {""}, key=lambda known: (known[:1] != word[:1].lower(), known))
    near = list_nearest(word, same_start_first, _MOST_NEAREST)
    return f"; did you mean {_join(map(repr, near), 'or')}?" if near else ""


def _join(words: Iterable[str], last: str = "and") -> str:
    *others, final = words
    return f"{', '.join(others)} {last} {final}" if others else final


def simplify(text: str) -> str:
    """Simplify a text to its words: in lower case, in the singular, without accents, with one space between them.

    >>> simplify("GP_Duties of co-operation"), simplify("the children's Climbié inquiry")
    ('gp duty of co operation', 'the children climbie inquiry')
    """
    text = re.sub("[’'\u0300-\u036f]", "", unicodedata.normalize("NFKD", text))
    return " ".join(_to_singular(word) for word in re.split(r"[\W_]+", text.lower()) if word)


def _to_singular(word: str) -> str:
    """The singular of a regular plural.

    >>> [_to_singular(word) for word in ("duties", "gps", "services", "status", "loss")]
    ['duty', 'gp', 'service', 'status', 'loss']
    """
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 2 and re.search(r"[^sui]s$", word) else word


def _split_into_terms(words: Sequence[str]) -> list[_SearchTerm]:
    """Split words into single ones and phrases that have synonyms; common words are left out if there are others."""
    synonyms = {simplify(word): tuple(map(simplify, meanings)) for word, meanings in load_synonyms().items()}
    single = [part for word in words for part in simplify(word).split()]
    single = [part for part in single if part not in _COMMON] or single
    return [_SearchTerm(phrase, synonyms.get(phrase, ())) for phrase in _join_phrases(single, synonyms)]


def _join_phrases(words: list[str], phrases: Iterable[str]) -> Iterator[str]:
    """Join neighbouring words that are one of the phrases."""
    longest = sorted((tuple(phrase.split()) for phrase in phrases), key=len, reverse=True)
    while words:
        length = next((len(phrase) for phrase in longest if tuple(words[: len(phrase)]) == phrase), 1)
        yield " ".join(words[:length])
        words = words[length:]


def _rank(topic: Topic, terms: Sequence[_SearchTerm]) -> tuple[int, int] | None:
    """Rank a topic, 0 for the best; None if it does not mention all terms."""
    name = simplify(topic.name)
    if " ".join(term.words for term in terms) == name:
        return 0, 0
    text = simplify(f"{topic.name} {topic.meaning} {topic.more}")
    levels = [_find_level(term, name, simplify(topic.meaning), text) for term in terms]
    found = [level for level in levels if level]
    return None if len(found) < len(levels) else (max(found, default=0), sum(found))


def _find_level(term: _SearchTerm, name: str, meaning: str, text: str) -> int:
    """Find where a term is mentioned: from 1, in the name itself, to 5, by a synonym in further text; 0 for nowhere."""
    if _mentions(name, term.words):
        return 1
    if any(_mentions(name, phrase) for phrase in term.meanings):
        return 2
    if _mentions(meaning, term.words):
        return 3
    if _mentions(text, term.words):
        return 4
    return 5 if any(_mentions(text, phrase) for phrase in term.meanings) else 0


def _mentions(text: str, phrase: str) -> bool:
    """Whether a text has a phrase; the last word of the phrase may be the beginning of a longer one."""
    end = "" if len(phrase.rpartition(" ")[2]) >= _LEAST_PREFIX else " "
    return f" {phrase}{end}" in f" {text} "
