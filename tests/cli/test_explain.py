"""`cpsim explain` searches every lever, institution, scenario, setting, outcome, claim and source of the model."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from cpsim.agents.dials import DIALS
from cpsim.agents.signals import SIGNALS
from cpsim.cli import main
from cpsim.cli._kinds import KINDS
from cpsim.cli._lines import write_event, write_setting
from cpsim.experiment.outcomes import check_primary_outcome
from cpsim.results import SUMMARY
from cpsim.scenario.bibliography import load_bibliography
from cpsim.scenario.claims import load_claims
from cpsim.scenario.events import load_levers
from cpsim.scenario.evidence import load_evidence
from cpsim.scenario.institutions import load_institutions
from cpsim.scenario.read import from_mapping, load
from cpsim.scenario.register import load_register
from cpsim.scenario.search import load_synonyms, simplify
from cpsim.scenario.settings import list_settings


def list_lines(*arguments: str) -> list[str]:
    ran = CliRunner().invoke(main, ["explain", *arguments])
    assert ran.exit_code == 0, ran.output
    return ran.stdout.splitlines()


def test_every_parameter_has_a_line_with_its_tag_and_source() -> None:
    header, *lines = list_lines("parameters")
    assert header.split() == "setting default unit range tag evidence entry meaning source to paste".split()
    for line, row in zip(lines, load_register().values(), strict=False):
        assert line.split()[:3] == [row.id, f"{row.default:.10g}", row.unit]
        assert f" {row.low:.10g} to {row.high:.10g} " in line
        assert f" {row.tag} " in line
        assert f" {', '.join(row.evidence) or 'none'} " in line
        assert f" {', '.join(row.entries) or 'none'} " in line
        assert row.source.strip() in line


@pytest.mark.parametrize("word", ["trust", "TRUST", "clock.years", "measured"])
def test_a_word_selects_the_parameters_that_mention_it(word: str) -> None:
    _, *lines = list_lines("settings", word)
    assert 0 < len(lines) < len(load_register())
    assert all(part in simplify(line) for line in lines for part in simplify(word).split())


def test_a_word_that_no_setting_mentions_ends_with_2_and_a_suggestion() -> None:
    ran = CliRunner().invoke(main, ["explain", "settings", "atention"])
    assert ran.exit_code == 2
    assert "no setting mentions 'atention'; did you mean 'attention'?" in ran.stderr


def test_every_figure_of_the_evidence_has_a_line_with_its_entry() -> None:
    header, *lines = list_lines("evidence")
    assert header.split() == "id figure unit year place entry checked quantity".split()
    for line, row in zip(lines, load_evidence().values(), strict=True):
        assert line.startswith(f"{row.id} ")
        assert f" {row.entry} " in line
        assert row.quantity in line


def test_every_entry_of_the_bibliography_has_a_line() -> None:
    for line, row in zip(list_lines("references")[1:], load_bibliography().values(), strict=True):
        assert line.split()[0] == row.key
        assert line.endswith(row.format())


def test_a_parameter_is_listed_with_the_figures_and_publications_that_it_rests_on() -> None:
    found = list_found("agencies.gp.conference_attendance")
    assert found >= {"agencies.gp.conference_attendance", "E454", "E455", "lea-cox-hall-1991"}
    assert list_names("references", "lea-cox") == {"entry", "lea-cox-hall-1991"}


def test_every_dial_has_a_line() -> None:
    header, *lines = list_lines("dials")
    assert [line.split()[0] for line in lines] == [dial.name for dial in DIALS]
    assert header.split() == "dial unit neutral levers family turned by read by meaning".split()
    (hours,) = (line for line in lines if line.startswith("teams.capacity_factor "))
    assert "governance.workforce, takeover" in hours, "the workforce turns hours paid for into hours worked"


def test_every_signal_has_a_line_with_the_levers_that_send_and_read_it() -> None:
    header, *lines = list_lines("signals")
    assert [line.split()[0] for line in lines] == [signal.name for signal in SIGNALS]
    assert header.split() == "signal unit neutral levers sent by read by meaning".split()
    (closed,) = (line for line in lines if line.startswith("authorities.tier_gap_closed "))
    assert closed.split()[4:6] == ["reallocation", "tiers"]


def test_every_outcome_has_a_line_with_its_unit_and_meaning() -> None:
    for line, (name, quantity) in zip(list_lines("outcomes")[1:], SUMMARY.items(), strict=True):
        assert line.split()[0] == name
        assert quantity.unit in line
        assert quantity.meaning in line
        printed = line.rpartition("  ")[2]
        if printed.startswith("primary_outcome: "):
            named = load("small", {"primary_outcome": printed.partition(" ")[2]})
            check_primary_outcome(named)
            assert named.primary_outcome.partition(".")[0] == name
        else:
            assert printed == f'result.summary["{name}"]'


def test_every_lever_has_a_line_with_its_dials_and_the_defaults_of_its_settings() -> None:
    header, *lines = list_lines("levers")
    assert header.split()[:4] == ["lever", "mechanism", "dials", "settings"]
    assert [line.split()[0] for line in lines] == list(load_levers())
    thresholds = list_lines("levers", "thresholds")[1]
    assert "organisations.share_threshold_shift, teams.screening_threshold_shift" in thresholds
    assert "kinds=?, shift=-0.05" in thresholds
    (ringfence,) = list_lines("levers", "ring-fences")[1:]
    assert "sends authorities.council_ringfenced, authorities.health_ringfenced" in ringfence


def test_every_institution_has_a_line_with_its_levers_and_its_history() -> None:
    for line, (word, about) in zip(list_lines("institutions")[1:], load_institutions().items(), strict=True):
        assert line.split()[0] == word
        assert about.history in line
    (line,) = list_lines("institutions", "s10_duty_schools")[1:]
    assert line.split()[1] == "duty"


def test_every_claim_has_a_line() -> None:
    for line, claim in zip(list_lines("claims")[1:], load_claims().values(), strict=True):
        assert line.split()[:2] == [claim.id, str(claim.year)]
        assert claim.claim in line


@pytest.mark.parametrize(
    ("what", "word", "near"),
    [
        ("levers", "dutty", "duty"),
        ("institutions", "skools", "schools"),
        ("claims", "T77", "T7"),
        ("evidence", "E4544", "E544"),
        ("references", "fullop", "fulop"),
        ("outcomes", "mised", "missed"),
    ],
)
def test_an_unknown_word_ends_with_2_and_a_suggestion(what: str, word: str, near: str) -> None:
    ran = CliRunner().invoke(main, ["explain", what, word])
    assert ran.exit_code == 2
    assert f"did you mean {near!r}" in ran.stderr


def test_what_another_kind_mentions_is_said_to_be_there() -> None:
    ran = CliRunner().invoke(main, ["explain", "claims", "database"])
    assert ran.exit_code == 2
    assert "no claim mentions 'database'; found in levers, institutions" in ran.stderr
    assert ran.stderr.endswith("cpsim explain database\n")


def list_names(*words: str) -> set[str]:
    """The first words of the lines of a table that `cpsim explain` prints."""
    return {line.split()[0] for line in list_lines(*words) if line}


def list_found(*words: str) -> set[str]:
    """The names of what a search of all kinds finds."""
    return {line.split(":")[0].strip() for line in list_lines(*words) if re.match(r"  [\w.<>\[\]-]+:", line)}


def test_without_words_the_kinds_are_listed() -> None:
    assert [line.split()[0] for line in list_lines()[1:11]] == [kind.plural for kind in KINDS]


def test_several_words_are_a_search_for_all_of_them() -> None:
    assert list_names("institutions", "six", "month") == {"institution", "six_month_deadline"}
    assert list_names("institutions", "month", "six") == {"institution", "six_month_deadline"}
    assert "missed_risk_rate" in list_names("outcomes", "missed", "risk")
    assert list_names("dials", "records", "shown") >= {"dial", "teams.records_shown"}
    assert "authorities.tier_gap_closed" in list_names("signals", "gap")


@pytest.mark.parametrize(
    "words", [["gp_duty"], ["gp", "duty"], ["Duty", "GPs"], ["GP-duties"], ["duty", "of", "GP"]]
)
def test_order_case_hyphens_and_plurals_do_not_matter(words: list[str]) -> None:
    assert "gp_duty" in list_found(*words)


@pytest.mark.parametrize("kind", ["institutions", "institution", "Institutions"])
def test_the_first_word_may_name_a_kind_in_the_singular_or_plural(kind: str) -> None:
    assert list_names(kind, "deadline") == {"institution", "six_month_deadline"}


def test_the_very_name_comes_first_and_what_it_can_do_follows() -> None:
    lines = list_lines("gp_duty")
    assert lines[0] == "institutions"
    assert lines[1].startswith("  gp_duty: ")
    assert "What gp_duty can do by itself, with its settings, in the scenario small" in lines
    lines = list_lines("duty")
    assert lines[0] == "lever"
    assert lines[1].startswith("  duty: ")
    assert "What duty can do" in lines


def test_words_in_names_come_before_words_in_meanings() -> None:
    names = [line.split()[0] for line in list_lines("settings", "trust")[1:]]
    in_name = ["trust" in name for name in names]
    assert in_name == sorted(in_name, reverse=True)
    assert True in in_name
    assert False in in_name


def test_a_search_of_all_kinds_prints_five_of_each_and_how_to_see_the_others() -> None:
    lines = list_lines("duty")
    (more,) = (line for line in lines if "cpsim explain institutions duty" in line)
    assert len(list_names("institutions", "duty")) - 1 == 5 + int(more.split()[0])


def test_every_kind_is_searched() -> None:
    assert {"shared_record", "tracking_system", "jigsaw", "levers.shared_record.lookup"} <= list_found(
        "database"
    )
    assert {"T7", "merger_voluntary"} <= list_found("T7")
    assert "missed_risk_rate" in list_found("missed", "risk", "rate")


def test_what_nothing_mentions_ends_with_2_and_the_nearest_names() -> None:
    for word, message in {
        "xyzzy": "nothing mentions 'xyzzy'",
        "dutty": "nothing mentions 'dutty'; did you mean 'duty'?",
        "parametrs": "nothing mentions 'parametrs'; did you mean 'parameters'?",
        "share_bar": "nothing mentions 'share_bar'; it is now called 'share_threshold'",
    }.items():
        ran = CliRunner().invoke(main, ["explain", word])
        assert (ran.exit_code, ran.stderr.splitlines()[-1]) == (2, f"Error: {message}")
    ran = CliRunner().invoke(main, ["explain", "gp_dutty"])
    assert ran.stderr.splitlines()[-1] == "Error: nothing mentions 'gp_dutty'; did you mean 'gp_duty'?"
    ran = CliRunner().invoke(main, ["explain", "hub", "dutty"])
    assert ran.stderr.splitlines()[-1] == "Error: nothing mentions 'dutty'; did you mean 'duty'?"
    ran = CliRunner().invoke(main, ["explain", "academies", "tie_cut"])
    assert ran.stderr.splitlines()[-1] == (
        "Error: nothing mentions 'academies' and 'tie_cut' together; search for fewer words"
    )


def read_line(name: str) -> str:
    """The line to paste that a search prints below a name."""
    lines = list_lines(name)
    place = next(number for number, line in enumerate(lines) if line.startswith(f"  {name}: "))
    return lines[place + 1].strip()


@pytest.mark.parametrize("name", [*load_levers(), *load_institutions()])
def test_the_line_of_every_lever_and_institution_is_valid_as_it_stands(name: str, tmp_path: Path) -> None:
    line = write_event(name)
    if line.startswith("# no line"):
        assert not load_institutions()[name].levers
        return
    needs = "authorities: {count: 2}\n" if "needs `authorities: {count: 2}`" in line else ""
    assert bool(needs) == ("takeover" in name), "only a takeover needs another authority"
    file = tmp_path / "pasted.yaml"
    file.write_text(f"name: pasted\nextends: small\n{needs}timeline:\n  {line}\n", encoding="utf-8")
    assert load(file).timeline


def test_every_line_of_a_setting_is_valid_as_it_stands() -> None:
    written = {path: line for path in list_settings() if (line := write_setting(path))}
    assert len(written) > 400
    yaml = YAML(typ="safe", pure=True)
    for path, line in written.items():
        read = yaml.load(line)
        settings = read if isinstance(read, dict) else {"timeline": read}
        if "takeover" in path:
            settings["authorities"] = {"count": 2}
        assert from_mapping({"extends": "small", "name": "pasted"} | settings), path


def test_a_line_is_printed_below_each_hit() -> None:
    assert read_line("gp_duty") == "- {date: 2006-09-01, lever: gp_duty}"
    assert read_line("scandal_pulse") in (
        "- {date: 2006-09-01, lever: scandal_pulse}",
        "cpsim run scandal_pulse",
    )
    assert read_line("merger_phased") == "cpsim run merger_phased"
    assert read_line("clock.years") == "clock: {years: 5}"
    assert read_line("clock.start") == "clock: {start: 2005-04-01}"
    assert read_line("missed_risk_rate") == "primary_outcome: missed_risk_rate"
    assert read_line("L8") == "cpsim scenarios L8"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("CAF", "common_assessment_framework"),
        ("MASH", "hub"),
        ("database", "tracking_system"),
        ("merger", "department_merger"),
        ("six month", "six_month_deadline"),
        ("baby p", "scandal"),
        ("social workers", "workforce_plan"),
        ("cooperation", "s10_duty_default"),
    ],
)
def test_words_of_the_field_find_what_is_meant(words: str, found: str) -> None:
    assert found in list_found(*words.split())


def test_a_short_word_is_not_the_beginning_of_another() -> None:
    assert not {name for name in list_found("CAF") if name.startswith("cafcass")}


@pytest.mark.parametrize(
    ("word", "found"),
    [("database", "tracking_system"), ("Ofsted", "inspection_scoring"), ("MASH", "dcs_hub")],
)
def test_an_institution_is_found_by_a_word_of_the_same_meaning(word: str, found: str) -> None:
    assert found in list_names("institutions", word)


def test_a_synonym_means_something_that_is_explained() -> None:
    everything = " ".join(
        f"{topic.name} {topic.meaning} {topic.more}" for kind in KINDS for topic in kind.load()
    )
    for word, meanings in load_synonyms().items():
        assert word == word.lower()
        assert all(simplify(meaning) in simplify(everything) for meaning in meanings), word
