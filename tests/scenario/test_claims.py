"""The claims about the reforms, which scenarios name by their ids."""

import re

from cpsim.scenario.claims import load_claims


def test_each_claim_is_one_sentence_with_an_article_and_a_year() -> None:
    assert len({claim.claim for claim in load_claims().values()}) == len(load_claims())
    for claim in load_claims().values():
        assert re.fullmatch(r"[A-Z][^.!?]*\.", claim.claim), claim.claim
        assert 2002 <= claim.year <= 2016


def test_the_letter_of_a_claim_identifies_its_article_and_numbers_are_consecutive() -> None:
    letters: dict[str, list[int]] = {}
    articles = set()
    for claim in load_claims().values():
        letters.setdefault(claim.id[0], []).append(int(claim.id[1:]))
        articles.add((claim.id[0], claim.article, claim.year))
    assert len(articles) == len(letters)
    assert all(numbers == [*range(1, len(numbers) + 1)] for numbers in letters.values())
