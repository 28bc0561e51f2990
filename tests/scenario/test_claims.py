"""The claims of the reform years, to which scenarios speak by number."""

import re

from cpsim.scenario.claims import claims


def test_each_claim_is_one_sentence_out_of_an_article_with_a_year() -> None:
    assert len({claim.claim for claim in claims().values()}) == len(claims())
    for claim in claims().values():
        assert re.fullmatch(r"[A-Z][^.!?]*\.", claim.claim), claim.claim
        assert 2002 <= claim.year <= 2016


def test_the_letter_of_a_claim_names_its_article_and_its_number_counts_up() -> None:
    letters: dict[str, list[int]] = {}
    articles = set()
    for claim in claims().values():
        letters.setdefault(claim.id[0], []).append(int(claim.id[1:]))
        articles.add((claim.id[0], claim.article, claim.year))
    assert len(articles) == len(letters)
    assert all(numbers == [*range(1, len(numbers) + 1)] for numbers in letters.values())
