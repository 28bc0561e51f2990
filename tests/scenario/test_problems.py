"""Each problem of a file is reported at its place, with what is allowed and the nearest spelling."""

from pathlib import Path

import pytest
from tests.scenario.reported import load_problems

from cpsim.scenario import ScenarioError, load
from cpsim.scenario.problems import Problem

ONE_PROBLEM = {
    "a misspelt section": ("sharng: {share_noise: 1}", "1:1: sharng: ", "did you mean 'sharing'?"),
    "a misspelt setting": (
        "sharing:\n  share_nois: 0.4",
        "2:3: sharing.share_nois: ",
        "did you mean 'share_noise'?",
    ),
    "capitals": ("Sharing: {}", "1:1: Sharing: ", "did you mean 'sharing'?"),
    "a hyphen": ("front-door: {}", "1:1: front-door: ", "did you mean 'front_door'?"),
    "a setting without its section": (
        "share_noise: 1",
        "1:1: share_noise: ",
        "did you mean 'sharing.share_noise'?",
    ),
    "a misspelt choice": (
        "agencies:\n  gp:\n    catchment: aera",
        "3:16: agencies.gp.catchment: ",
        "one of area, authority, region, not 'aera'; did you mean 'area'?",
    ),
    "a misspelt lever": (
        "timeline:\n  - {date: 2006-05-01, lever: dutty, kinds: [gp]}",
        "2:31: timeline[0].lever: ",
        "did you mean 'duty'?",
    ),
    "text for a number": (
        "population: {children: many}",
        "1:24: population.children: ",
        "a whole number from 200 to 1000000, not 'many'",
    ),
    "yes for true": ("duties:\n  gp:\n    bound: yes", "3:12: duties.gp.bound: ", "true or false, not 'yes'"),
    "half a year": ("clock: {years: 2.5}", "1:16: clock.years: ", "a whole number from 1 to 100, not 2.5"),
    "true for a number": (
        "sharing: {share_noise: true}",
        "1:24: sharing.share_noise: ",
        "from 0 to 20, not true",
    ),
    "a number for a section": ("sharing: 3", "1:10: sharing: ", "a group of settings"),
    "no value for a number": ("clock:\n  years:\nname: a", "2:3: clock.years: ", "not nothing"),
    "a list for a section": ("sharing: [3]", "1:10: sharing: ", "not a list"),
    "a section for a number": ("clock: {years: {a: 1}}", "1:16: clock.years: ", "not a group of settings"),
    "a number for a text": (
        "name: 7",
        "1:7: name: ",
        "expected text of at least 1 and at most 200 characters",
    ),
    "an empty name": ("name: ''", "1:7: name: ", "at least 1"),
    "more names than authorities": (
        "authorities: {named: [{name: Ashford}, {name: Barton}]}",
        "1:1: authorities: ",
        "2 authorities are named, but count is 1",
    ),
    "two authorities of one name": (
        "authorities: {count: 2, named: [{name: Ashford}, {name: Ashford}]}",
        "1:57: authorities.named[1].name: ",
        "another authority is already called 'Ashford'",
    ),
    "an event in an unknown authority": (
        "timeline:\n  - {lever: thresholds, kinds: [gp], shift: 1, authorities: [authority-1]}",
        "2:62: timeline[0].authorities[0]: ",
        "no authority is called 'authority-1'; there are authority-01; did you mean 'authority-01'?",
    ),
    "authorities by two rules at once": (
        "timeline:\n  - {lever: thresholds, kinds: [gp], shift: 1, authorities: {lot: 1, most_deprived: 1}}",
        "2:48: timeline[0].authorities: ",
        "expected exactly one rule for the choice of authorities: lot, most_deprived, least_resourced",
    ),
    "more authorities by lot than there are": (
        "timeline:\n  - {lever: thresholds, kinds: [gp], shift: 1, authorities: {lot: 3}}",
        "2:67: timeline[0].authorities.lot: ",
        "3 authorities, but there is only one authority",
    ),
    "more children in all authorities than fit into memory": (
        "authorities: {count: 150}\npopulation: {children: 20000}",
        "1:22: authorities.count: ",
        "this run needs about 8 GB of memory, for 170,000,000 signs that agencies could notice and 59,000,000 events, "
        "from 7,000,000 children over 1248 weeks; at most 2 GB are allowed. Change authorities.count (150), or set",
    ),
    "more organisations than can be numbered": (
        "clock: {years: 1, warm_up_years: 0}\npopulation: {children: 1000000}\n"
        "agencies: {youth_justice: {sites_per_10k_children: 400}}",
        "3:1: agencies: ",
        "at most 32,000 are allowed",
    ),
    "more children than fit into memory": (
        "population: {children: 900000}",
        "1:24: population.children: ",
        "at most 2 GB are allowed. Change population.children (900000), or set the environment variable CPSIM",
    ),
    "an event that changes nothing": (
        "timeline:\n  - {date: 2006-05-01, lever: duty, kinds: [gp]}",
        "2:5: timeline[0]: ",
        "changes nothing; set at least one of bound, awareness, sanction",
    ),
    "a negative number": (
        "population: {children: -5}",
        "1:24: population.children: ",
        "from 200 to 1000000, not -5",
    ),
    "a number out of range": (
        "sharing: {consult_chance: 7}",
        "1:27: sharing.consult_chance: ",
        "from 0 to 1, not 7",
    ),
    "infinity": ("sharing: {share_noise: .inf}", "1:24: sharing.share_noise: ", "finite"),
    "a number that overflows to infinity": (
        "sharing: {share_noise: 1e999}",
        "1:24: sharing.share_noise: ",
        "finite",
    ),
    "not a number": ("sharing: {share_noise: .nan}", "1:24: sharing.share_noise: ", "finite"),
    "5,000 digits": (f"clock: {{years: {'9' * 5_000}}}", "1:16: clock.years: ", "more than 18 digits"),
    "a date that is not in the calendar": (
        "clock: {start: 2006-02-30}",
        "1:16: clock.start: ",
        "2006-02-30 is not in the calendar; expected a date such as 2006-05-01",
    ),
    "a date with the day first": (
        "clock: {start: 01/05/2006}",
        "1:16: clock.start: ",
        "a date such as 2006-05-01",
    ),
    "a time of day": (
        "clock: {start: 2006-05-01T10:00:00}",
        "1:16: clock.start: ",
        "a date such as 2006-05-01",
    ),
    "an unknown claim": (
        "claims: [T1, H44]",
        "1:14: claims[1]: ",
        "no claim 'H44'; did you mean 'H4'?",
    ),
    "a claim outside a list": ("claims: T1", "1:9: claims: ", "expected a list, not 'T1'"),
    "a year out of range": (
        "clock: {start: 0001-01-01}",
        "1:16: clock.start: ",
        "from 1900-01-01 to 2100-01-01",
    ),
    "an event before the warm-up": (
        "timeline:\n  - {date: 1980-01-01, lever: duty, kinds: [gp], bound: true}",
        "2:12: timeline[0].date: ",
        "before the warm-up begins",
    ),
    "an event that ends before the history begins": (
        "timeline:\n  - {lever: duty, kinds: [gp], bound: true, until: 1950-01-01}",
        "2:52: timeline[0].until: ",
        "1950-01-01 is not in a later week than its first day, 1987-04-24, so the event would never hold; write "
        "1987-05-01 or a later date",
    ),
    "an event that ends in the week in which it begins": (
        "timeline:\n  - {date: 2006-05-01, lever: duty, kinds: [gp], bound: true, until: 2006-05-04}",
        "2:70: timeline[0].until: ",
        "2006-05-04 is not in a later week than its first day, 2006-05-01, so the event would never hold",
    ),
    "an inspection without a date that ends in the warm-up": (
        "timeline:\n  - {lever: inspection, until: 2005-03-01}",
        "2:32: timeline[0].until: ",
        "2005-03-01 is not in a later week than its first day, 2005-04-01",
    ),
    "an authority twice in an event": (
        "authorities: {count: 2}\n"
        "timeline:\n  - {lever: inspection, authorities: [authority-02, authority-01, authority-02]}",
        "3:67: timeline[0].authorities[2]: ",
        "'authority-02' is in this list twice; remove one of the two",
    ),
    "an event in no authority": (
        "timeline:\n  - {lever: inspection, authorities: []}",
        "2:38: timeline[0].authorities: ",
        "a list that is not empty",
    ),
    "a kind twice in an event": (
        "timeline:\n  - {date: 2006-05-01, lever: duty, kinds: [gp, gp], bound: true}",
        "2:49: timeline[0].kinds[1]: ",
        "'gp' is in this list twice; remove one of the two",
    ),
    "a partner twice in an event": (
        "timeline:\n  - {lever: links, kinds: [gp], partners: [school, front_door, school]}",
        "2:64: timeline[0].partners[2]: ",
        "'school' is in this list twice",
    ),
    "a service twice in an event": (
        "timeline:\n  - {lever: restructure, services: [social_care, social_care]}",
        "2:50: timeline[0].services[1]: ",
        "'social_care' is in this list twice",
    ),
    "a claim twice": ("claims: [T1, T1]", "1:14: claims[1]: ", "'T1' is in this list twice"),
    "an authority with the name of a choice": (
        "authorities: {named: [{name: best}]}",
        "1:30: authorities.named[0].name: ",
        "'best' has a meaning of its own where an event chooses authorities; write another name",
    ),
    "an authority with the name of all": (
        "authorities: {named: [{name: All}]}",
        "1:30: authorities.named[0].name: ",
        "'All' has a meaning of its own",
    ),
    "an authority with the name of a rule": (
        "authorities: {named: [{name: most_deprived}]}",
        "1:30: authorities.named[0].name: ",
        "'most_deprived' has a meaning of its own",
    ),
    "an authority with the name of a numbered one": (
        "authorities: {count: 2, named: [{name: authority-02}]}",
        "1:40: authorities.named[0].name: ",
        "another authority is already called 'authority-02'",
    ),
    "events out of order": (
        "timeline:\n  - {date: 2007-01-01, lever: duty, kinds: [gp], bound: true}\n"
        "  - {date: 2006-01-01, lever: duty, kinds: [gp], bound: true}",
        "3:12: timeline[1].date: ",
        "2006-01-01 comes after 2007-01-01",
    ),
    "an age range that ends before it begins": (
        "other_need:\n  disability: {from_age: 9, to_age: 4}",
        "2:37: other_need.disability.to_age: ",
        "4 is below from_age, which is 9",
    ),
    "a duty for an unknown kind": (
        "duties:\n  schol: {bound: true}",
        "2:3: duties.schol: ",
        "no kind of agency is called 'schol'; there are school, gp,",
    ),
    "an event for an unknown kind": (
        "timeline:\n  - {date: 2006-05-01, lever: duty, kinds: [gp, polise], bound: true}",
        "2:49: timeline[0].kinds[1]: ",
        "did you mean 'police'?",
    ),
    "an event with an empty list of kinds": (
        "timeline:\n  - {date: 2006-05-01, lever: duty, kinds: [], bound: true}",
        "2:44: timeline[0].kinds: ",
        "not an empty list",
    ),
    "an event without its kinds": (
        "timeline:\n  - {date: 2006-05-01, lever: duty}",
        "2:5: timeline[0].kinds: ",
        "missing; expected a list",
    ),
    "a new kind that is probably a misspelt known one": (
        "agencies:\n  polise: {attention: 0.5}",
        "2:3: agencies.polise: ",
        "did you mean 'police'?",
    ),
    "a kind that cannot name a column": (
        "agencies:\n  'Youth!': {}",
        "2:3: agencies.'Youth!': ",
        "lower-case letters",
    ),
    "a setting given twice": (
        "clock:\n  years: 3\n  years: 4",
        "3:3: clock.years: ",
        "the first is on line 2",
    ),
    "a section given twice": ("name: a\nclock: {}\nname: b", "3:1: name: ", "given twice"),
    "an unknown tag": ("name: !!python/object/apply:os.system [ls]", "1:7: name: ", "are refused"),
    "a tag on the whole file": ("!!python/object:os.path\nname: a", "1:1: ", "are refused"),
    "a merge key": ("clock: &c {years: 3}\nharm: {<<: *c}", "2:8: harm: ", "`extends`"),
    "a list for a name": ("? [a, b]\n: 3", "1:3: ", "a single word"),
    "a setting without a name": (": 3", "1:1: ", "without a name"),
    "an unpaired surrogate": ('name: "\\ud800"', "1:7: name: ", "UTF-8 cannot store"),
    "a tab": ("clock:\n\tyears: 3", "2:1: ", "indent with spaces"),
    "an open bracket": ("name: [a\n\n", "1:7: ", "the bracket that opens here is never closed"),
    "an open quote": ("name: 'a\nclock: {}\n", "1:7: ", "the quotation mark that opens here is never closed"),
    "an unquoted colon": ("name: what: now", "1:11: ", "put the text in quotes"),
    "uneven indentation": ("clock:\n    years: 3\n  start: 2005-04-01", "3:3: ", "indented"),
    "an alias to nothing": ("name: *there", "1:7: name: ", "refers to nothing"),
    "an alias to itself": ("agencies: &a\n  gp: *a", "2:7: agencies.gp: ", "refers to nothing"),
    "an escape beyond Unicode": ('name: "\\UFFFFFFFF"', "1:1: ", "not YAML"),
    "two documents": ("name: a\n---\nname: b", "2:1: ", "one document"),
    "an empty file": ("", "1:1: ", "empty"),
    "only a comment": ("# to do\n", "1:1: ", "empty"),
    "a list instead of settings": ("- name: a", "1:1: ", "not a list"),
    "a sentence instead of settings": ("What if schools shared more?", "1:1: ", "a group of settings"),
}


@pytest.mark.parametrize(("text", "start", "within"), ONE_PROBLEM.values(), ids=ONE_PROBLEM.keys())
def test_a_problem_is_reported_once_at_its_place_with_what_is_allowed(
    tmp_path: Path, text: str, start: str, within: str
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text, "utf-8")
    (problem,) = load_problems(file)
    assert problem.startswith(f"mine.yaml:{start}"), problem
    assert within in problem


def test_all_faults_of_a_file_are_reported_from_top_to_bottom(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "nam: a\n"
        "clock: {start: 2006-02-30, years: -3}\n"
        "sharing:\n"
        "  share_noise: .nan\n"
        "  share_noise: 1\n"
        "timeline:\n"
        "  - {date: 2006-05-01, lever: duty, kinds: [scool], bound: true}\n"
        "  - {date: 2006-04-01, lever: duty, kinds: [gp], bound: true}\n"
        "  - {date: 2006-04-01, lever: duty}\n",
        "utf-8",
    )
    places = [problem.split(" ")[0] for problem in load_problems(file, "sharing.share_nose=3")]
    assert places == [
        "mine.yaml:1:1:",
        "mine.yaml:2:16:",
        "mine.yaml:2:35:",
        "mine.yaml:4:16:",
        "mine.yaml:5:3:",
        "mine.yaml:7:45:",
        "mine.yaml:8:12:",
        "mine.yaml:9:5:",
        "--set",
    ]


def test_an_invalid_clock_does_not_cause_problems_with_events(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "clock: {start: 1996-02-30}\ntimeline:\n  - {date: 1985-05-01, lever: duty, kinds: [gp], bound: true}",
        "utf-8",
    )
    (problem,) = load_problems(file)
    assert problem.startswith("mine.yaml:1:16: clock.start:")


def test_a_problem_can_be_read_by_a_program(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("clock:\n  years: 0", "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(file)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.column, problem.path) == (str(file), 2, 10, "clock.years")
    assert str(caught.value) == f"{file}:2:10: clock.years: {problem.message}"


def test_text_from_an_untrusted_file_cannot_move_the_cursor_of_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text('"\\e[2J": 1\nname: "\\e[2J\\n"\nclock: {"\\e[2J": 1}\nduties: {"\\e[2J": {}}', "utf-8")
    assert all(problem.isprintable() for problem in load_problems(file))


def test_what_cannot_be_printed_is_escaped_in_a_message_that_quotes_the_file() -> None:
    problem = Problem("there is no space after `lever:`; write `lever: \N{ESCAPE}[2J\U00018cd6`")
    assert problem.message == "there is no space after `lever:`; write `lever: \\x1b[2J\\U00018cd6`"
    assert problem.message in str(problem)
