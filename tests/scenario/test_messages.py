"""What people type by mistake is answered with what to type instead, not with what the program was about to read."""

from pathlib import Path

import pytest
from tests.scenario.reported import load_problems

from cpsim.scenario.problems import ScenarioError, find_nearest
from cpsim.scenario.read import load

EVENT = "date: 2006-09-01, lever: duty, kinds: [school], bound: true"

SYNTAX = {
    "an apostrophe between single quotation marks": (
        "question: 'What did children's trusts change?'",
        "1:29: this apostrophe ends the text; put the text in double quotes",
    ),
    "an apostrophe and a colon": (
        "question: 'it's: what changed?'",
        "1:14: this apostrophe ends the text; put the text in double quotes",
    ),
    "an apostrophe in a list": (
        "authorities: {named: [{name: 'King's Lynn'}]}",
        "1:35: authorities.named[0]: this apostrophe ends the text; put the text in double quotes",
    ),
    "an apostrophe on the second line of a text": (
        "question: 'What did\n  children's trusts change?'",
        "2:11: this apostrophe ends the text that begins on line 1; put the text in double quotes",
    ),
    "an apostrophe at the end of a word": (
        "question: 'What did the parents' views change?'",
        "1:32: this quotation mark ends the text; put the text in double quotes",
    ),
    "a quotation between quotation marks": (
        'question: "What is "need" here?"',
        '1:20: this quotation mark ends the text; put the text in single quotes, or write \\" inside it',
    ),
    "a quotation mark that is never closed": (
        'question: "What if\nclock: {years: 2}\n\n',
        "1:11: question: the quotation mark that opens here is never closed",
    ),
    "a quotation mark that is closed by the next one": (
        'question: "What if\nname: "duty"',
        "2:7: this quotation mark ends the text that begins on line 1; put the text in single quotes",
    ),
    "a bracket that is never closed": (
        "timeline:\n  - {date: 2006-09-01, lever: duty\n",
        "2:5: timeline[0]: the bracket that opens here is never closed",
    ),
    "a bracket that is closed on another line": (
        "clock: {years: 3\nname: duty}",
        "2:5: clock: a comma or a closing bracket is missing; the bracket opens on line 1",
    ),
    "a bracket too many": ("clock: {years: 3}}", "1:18: this bracket closes nothing that is open"),
    "an en dash for an entry of a list": (
        f"timeline:\n  – {{{EVENT}}}",
        "2:3: timeline: this is an en dash (U+2013), as word processors write it; type - instead",
    ),
    "a bullet for an entry of a list": (
        f"timeline:\n  • {{{EVENT}}}",
        "2:3: timeline: this is a bullet (U+2022)",
    ),
    "no-break spaces for the indentation": (
        "clock:\n\u00a0\u00a0years: 3",
        "2:1: this is a no-break space (U+00A0), as word processors write it; type an ordinary space instead",
    ),
    "a no-break space after a colon": (
        "name:\u00a0duty\nclock: {years: 3}",
        "1:6: this is a no-break space (U+00A0)",
    ),
    "an en dash in a name of a setting": (
        "sharing: {share–noise: 1}",
        "1:16: sharing: this is an en dash (U+2013)",
    ),
    "a full-width colon": ("clock：{years: 3}", "1:6: this is a fullwidth colon (U+FF1A)"),
    "curly quotation marks around a sentence": (
        "question: “What changed: the law?”",
        '1:11: this is a left double quotation mark (U+201C), as word processors write it; type " instead',
    ),
    "no space after a colon, in brackets": (
        "timeline:\n  - {date: 2006-09-01, lever:duty, kinds: [school], bound: true}",
        "2:24: timeline[0].lever: there is no space after `lever:`; write `lever: duty`",
    ),
    "no space after the colon of a number": (
        "duties: {gp: {awareness:0.45}}",
        "1:15: duties.gp.awareness: there is no space after `awareness:`; write `awareness: 0.45`",
    ),
    "no space after a colon, before another setting": (
        "name:duty\nclock: {years: 3}",
        "1:1: there is no space after `name:`; write one",
    ),
    "no space after the colon of the only setting of a group": (
        "clock:\n  years:3",
        "2:3: clock: expected a group of settings (start, years, warm_up_years), not 'years:3'; there is no space "
        "after `years:`; write `years: 3`",
    ),
    "no space after the colon of the last setting": (
        "timeline:\n  - lever: duty\n    kinds: [gp]\n    bound: true\n    date: 2006-09-01\n    until:2007-09-01",
        "6:5: timeline[0]: there is no space after `until:`; write one",
    ),
    "no space after a colon, in a line that is read as part of the one before": (
        "clock:\n  start: 2006-09-01\n    years:3",
        "2:10: clock.start: expected a date such as 2006-05-01, not '2006-09-01 years:3'; there is no space after "
        "`years:`; write `years: 3`",
    ),
    "no space before a bracket": (
        "clock:{years: 2}",
        "1:1: 'clock:{years': there is no space after `clock:`",
    ),
    "no colon before a bracket": (
        "clock {years: 2}",
        "1:1: 'clock {years': a setting is written `name: value`",
    ),
    "no colon": (
        "name duty\nclock: {years: 3}",
        "1:1: a setting is written `name: value`; the colon is missing",
    ),
    "a line that is indented too far": (
        "clock:\n  years: 3\n    start: 2005-04-01",
        "3:5: clock: this line is indented further than the one before",
    ),
    "a Windows path": (
        'network: {graphml: "C:\\users\\ties.graphml"}',
        "between double quotation marks, \\ begins an escape; put the text in single quotation marks",
    ),
}

VALUES = {
    "a decimal comma": (
        "duties:\n  gp:\n    awareness: 0,45",
        "3:16: duties.gp.awareness: expected a number from 0 to 1, not '0,45', which has a decimal comma; write 0.45",
    ),
    "a decimal comma in brackets": (
        "duties: {gp: {awareness: 0,45, bound: true}}",
        "not '0,45', which has a decimal comma; write 0.45",
    ),
    "a thousands comma": (
        "population:\n  children: 20,000",
        "2:13: population.children: expected a whole number from 200 to 1000000, not '20,000', which has a thousands "
        "comma; write 20000",
    ),
    "thousands commas in brackets": (
        "population: {children: 1,000,000}",
        "not '1,000,000', which has a thousands comma; write 1000000",
    ),
    "a thousands point and a decimal comma": (
        "costs: {conference_gbp: 1.500,50}",
        "not '1.500,50', which has a decimal comma; write 1500.5",
    ),
    "a thousands space": ("population: {children: 20 000}", "which has a thousands separator; write 20000"),
    "a thousands point": (
        "population: {children: 20.000}",
        "not 20.0; did you mean 20000, without a thousands point?",
    ),
    "a whole number with a decimal point": (
        "clock: {years: 3.0}",
        "not 3.0; write 3, without a decimal point",
    ),
    "thousands in one letter": ("population: {children: 20k}", "write the number alone: 20000"),
    "a number with its unit": ("clock: {years: 3 years}", "write the number alone: 3"),
    "an amount of money": ("costs: {conference_gbp: '£1,500'}", "write the number alone: 1500"),
    "a percentage for a share": (
        "duties: {gp: {awareness: 45}}",
        "1:26: duties.gp.awareness: expected a number from 0 to 1, not 45; did you mean 0.45?",
    ),
    "a percentage with its sign": ("duties: {gp: {awareness: 45%}}", "not '45%'; did you mean 0.45?"),
    "a percentage in words": ("duties: {gp: {awareness: 45 per cent}}", "did you mean 0.45?"),
    "a share in quotation marks": (
        'duties: {gp: {awareness: "0.45"}}',
        "not '0.45'; did you mean 0.45, without quotes?",
    ),
    "a fall in per cent": (
        "timeline: [{date: 2006-09-01, lever: budget, step: -5}]",
        "1:52: timeline[0].step: expected a number from -1 to 1, not -5; did you mean -0.05?",
    ),
    "a dash for a minus sign": (
        "timeline: [{lever: thresholds, kinds: [gp], shift: –1}]",
        "not '–1', which contains an en dash (U+2013); write -1",
    ),
    "a middle dot for a decimal point": (
        "duties: {gp: {awareness: 0·45}}",
        "a middle dot (U+00B7); write 0.45",
    ),
    "a number in curly quotation marks": (
        "clock: {years: “3”}",
        "a left double quotation mark (U+201C); write 3",
    ),
    "a date with the day first": (
        "clock: {start: 01/09/2006}",
        "not '01/09/2006'; did you mean 2006-09-01, 1 September 2006 (day first)?",
    ),
    "a date with the month first": (
        "clock: {start: 09/23/2006}",
        "2006-09-23, 23 September 2006 (month first)?",
    ),
    "a date with full stops": (
        "clock: {start: 1.9.2006}",
        "did you mean 2006-09-01, 1 September 2006 (day first)?",
    ),
    "a date in words": ("clock: {start: 1st September 2006}", "did you mean 2006-09-01, 1 September 2006?"),
    "a date without zeros": ("clock: {start: 2006-9-1}", "did you mean 2006-09-01, 1 September 2006?"),
    "a date with a time of day": (
        "clock: {start: 2006-09-01T00:00:00}",
        "did you mean 2006-09-01, 1 September 2006?",
    ),
    "a date with dashes": ("clock: {start: 2006–09–01}", "an en dash (U+2013); write 2006-09-01"),
    "a year for a date": ("clock: {start: 2006}", "not 2006; write the whole date, such as 2006-04-01"),
    "one kind without brackets": (
        "timeline: [{lever: duty, kinds: school, bound: true}]",
        "1:33: timeline[0].kinds: expected a list that is not empty, not 'school'; write [school]",
    ),
    "several kinds without brackets": (
        "timeline: [{lever: duty, kinds: 'school, gp', bound: true}]",
        "write [school, gp]",
    ),
    "one event that is not in a list": (
        f"timeline: {{{EVENT}}}",
        "expected a list, not a group of settings; an entry of",
    ),
    "a list with en dashes": (
        "claims:\n  – T1\n  – T2",
        "2:3: claims: expected a list, not '– T1 – T2', which contains an en dash (U+2013); an entry of a list",
    ),
    "yes": ("duties: {gp: {bound: yes}}", "expected true or false, not 'yes'; did you mean true?"),
    "true in quotation marks": ("duties: {gp: {bound: 'true'}}", "did you mean true, without quotes?"),
    "a number for a name": ("name: 2006", 'not 2006; put it in quotes: "2006"'),
    "the base of a scenario": ("base: small", "there is no setting 'base' here; did you mean 'extends'?"),
    "posts in the workforce": (
        "workforce: {posts_per_10k_children: 20}",
        "did you mean 'assessment_posts_per_10k' or 'long_term_posts_per_10k'? allowed:",
    ),
    "an unknown kind": (
        "timeline: [{lever: duty, kinds: [council], bound: true}]",
        "no kind of agency is called 'council'; there are school, gp, pct, hospital, police, community",
    ),
}


@pytest.mark.parametrize(("text", "message"), (SYNTAX | VALUES).values(), ids=(SYNTAX | VALUES).keys())
def test_a_mistake_is_named_once_with_what_to_type_instead(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text, "utf-8")
    (problem,) = load_problems(file)
    assert message in problem
    assert problem.startswith("mine.yaml:")


def test_a_value_on_the_command_line_gets_the_same_suggestion() -> None:
    assert load_problems("small", "duties.gp.awareness=0,45") == [
        "--set duties.gp.awareness: expected a number from 0 to 1, not '0,45', which has a decimal comma; write 0.45"
    ]


def test_no_suggestion_is_made_for_what_is_far_from_anything_allowed(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    for text in (
        "clock: {years: many}",
        "duties: {gp: {awareness: 450}}",
        "clock: {start: soon}",
        "clock: {years: 3,5,7}",
    ):
        file.write_text(text, "utf-8")
        (problem,) = load_problems(file)
        assert "did you mean" not in problem
        assert "write" not in problem


@pytest.mark.parametrize(
    "override",
    [
        "timeline=Ashford",
        "authorities.named=Ashford",
        "timeline=2005",
        'claims="C\\e1"',
        'claims="C\\u202e1"',
    ],
)
def test_no_list_is_suggested_of_what_cannot_be_in_it(override: str) -> None:
    with pytest.raises(ScenarioError) as error:
        load("small", [override])
    assert "write [" not in str(error.value)
    assert all(problem.message.isprintable() for problem in error.value.problems)


def test_a_lever_with_a_wrong_setting_is_not_said_to_change_nothing(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("timeline:\n  - {lever: budget, step: many}\n  - {lever: duty, kinds: [gp]}\n", "utf-8")
    wrong, empty = load_problems(file)
    assert wrong.startswith("mine.yaml:2:27: timeline[0].step: expected a number")
    assert empty.startswith("mine.yaml:3:5: timeline[1]: changes nothing")


TYPING_ERRORS = {
    "polise": "police",
    "scool": "school",
    "hospitel": "hospital",
    "comunity": "community",
    "Front-Door": "front_door",
    "dutty": "duty",
    "aera": "area",
    "hubb": "hub",
    "share_nois": "share_noise",
    "awarness": "awareness",
    "buget": "budget",
    "tresholds": "thresholds",
    "H44": "H4",
    "authority-1": "authority-01",
    "Ashfrod": "Ashford",
    "mised_risk_rate": "missed_risk_rate",
    "latin_hyper_cube": "latin_hypercube",
}

OTHER_WORDS = {
    "council": "community",
    "ours": "48_order",
    "data": "database",
    "rng": "sharing",
    "teacher": "other",
    "social": "school",
    "hospice": "police",
    "pool": "school",
    "care": "share",
    "church": "search",
    "sure_start": "trust_start",
    "health": "hub",
    "ofsted": "onset",
    "post": "pct",
    "arms": "harm",
    "seed": "need",
    "mash": "cash",
}


@pytest.mark.parametrize(("typed", "meant"), TYPING_ERRORS.items())
def test_a_typing_error_is_recognised(typed: str, meant: str) -> None:
    assert find_nearest(typed, [meant, "something_else"]) == meant


@pytest.mark.parametrize(("typed", "other"), OTHER_WORDS.items())
def test_another_word_is_not_taken_for_a_typing_error(typed: str, other: str) -> None:
    assert find_nearest(typed, [other]) is None
