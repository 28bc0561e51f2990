"""`cpsim explain` lists every parameter, dial, signal, lever, institution, claim and outcome of the model."""

import pytest
from click.testing import CliRunner

from cpsim.agents.dials import DIALS
from cpsim.agents.signals import SIGNALS
from cpsim.cli import main
from cpsim.results import SUMMARY
from cpsim.scenario.bibliography import load_bibliography
from cpsim.scenario.claims import load_claims
from cpsim.scenario.events import load_levers
from cpsim.scenario.evidence import load_evidence
from cpsim.scenario.institutions import load_institutions
from cpsim.scenario.register import load_register
from cpsim.scenario.search import load_synonyms


def list_lines(*arguments: str) -> list[str]:
    ran = CliRunner().invoke(main, ["explain", *arguments])
    assert ran.exit_code == 0, ran.output
    return ran.stdout.splitlines()


def test_every_parameter_has_a_line_with_its_tag_and_source() -> None:
    header, *lines = list_lines("parameters")
    assert header.split() == "parameter default unit range tag evidence entry meaning source".split()
    for line, row in zip(lines, load_register().values(), strict=True):
        assert line.split()[:3] == [row.id, f"{row.default:.10g}", row.unit]
        assert f" {row.low:.10g} to {row.high:.10g} " in line
        assert f" {row.tag} " in line
        assert f" {', '.join(row.evidence) or 'none'} " in line
        assert f" {', '.join(row.entries) or 'none'} " in line
        assert line.endswith(row.source.strip())


@pytest.mark.parametrize("word", ["trust", "TRUST", "clock.years", "measured"])
def test_a_word_selects_the_parameters_that_mention_it(word: str) -> None:
    _, *lines = list_lines("parameters", word)
    assert 0 < len(lines) < len(load_register())
    assert all(word.lower() in line.lower() for line in lines)


def test_a_word_that_no_parameter_mentions_ends_with_2_and_a_suggestion() -> None:
    ran = CliRunner().invoke(main, ["explain", "parameters", "atention"])
    assert ran.exit_code == 2
    assert "no parameter mentions 'atention'; did you mean 'attention'?" in ran.stderr


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
    found = list_names("agencies.gp.conference_attendance")
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
        assert line.endswith(quantity.meaning)


def test_every_lever_has_a_line_with_its_dials_and_the_defaults_of_its_settings() -> None:
    header, *lines = list_lines("levers")
    assert header.split()[:4] == ["lever", "mechanism", "dials", "settings"]
    assert [line.split()[0] for line in lines] == list(load_levers())
    (thresholds,) = list_lines("levers", "fade_weeks=None")[1:]
    assert "organisations.share_threshold_shift, teams.screening_threshold_shift" in thresholds
    assert "kinds=?, shift=-0.05" in thresholds
    (ringfence,) = list_lines("levers", "ring-fences")[1:]
    assert "sends authorities.council_ringfenced, authorities.health_ringfenced" in ringfence


def test_every_institution_has_a_line_with_its_levers_and_its_history() -> None:
    for line, (word, about) in zip(list_lines("institutions")[1:], load_institutions().items(), strict=True):
        assert line.split()[0] == word
        assert line.endswith(about.history)
    (line,) = list_lines("institutions", "s10_duty_schools")[1:]
    assert line.split()[1] == "duty"


def test_every_claim_has_a_line() -> None:
    for line, claim in zip(list_lines("claims")[1:], load_claims().values(), strict=True):
        assert line.split()[:2] == [claim.id, str(claim.year)]
        assert line.endswith(claim.claim)


@pytest.mark.parametrize(
    ("what", "word", "near"),
    [
        ("levers", "dutty", "duty"),
        ("institutions", "skools", "schools"),
        ("claims", "T77", "T7"),
        ("evidence", "E4544", "E544"),
        ("references", "fullop", "fulop"),
    ],
)
def test_an_unknown_word_ends_with_2_and_a_suggestion(what: str, word: str, near: str) -> None:
    ran = CliRunner().invoke(main, ["explain", what, word])
    assert ran.exit_code == 2
    assert f"did you mean {near!r}?" in ran.stderr


def test_an_unknown_table_ends_with_2() -> None:
    assert CliRunner().invoke(main, ["explain", "dails"]).exit_code == 2


def list_names(*words: str) -> set[str]:
    """The first words of the lines that `cpsim explain` prints."""
    return {line.split()[0] for line in list_lines(*words) if line}


def test_several_words_are_a_search_for_all_of_them() -> None:
    assert list_names("institutions", "six", "month") == {"institution", "six_month_deadline"}
    assert list_names("institutions", "month", "six") == {"institution", "six_month_deadline"}
    assert "missed_risk_rate" in list_names("outcomes", "missed", "risk")
    assert list_names("dials", "records", "shown") >= {"dial", "teams.records_shown"}
    assert "authorities.tier_gap_closed" in list_names("signals", "gap")


def test_words_that_are_no_kind_of_thing_are_searched_in_all_of_them() -> None:
    assert list_names("gp_duty") == {"What", "lever", "duty", "institution", "gp_duty"}
    assert {"parameter", "dial", "lever", "institution", "tracking_system"} <= list_names("database")
    ran = CliRunner().invoke(main, ["explain", "xyzzy"])
    assert (ran.exit_code, ran.stderr.splitlines()[-1]) == (2, "Error: nothing mentions 'xyzzy'")
    ran = CliRunner().invoke(main, ["explain", "parametrs"])
    assert "did you mean 'parameters'?" in ran.stderr


@pytest.mark.parametrize(
    ("word", "found"),
    [("database", "tracking_system"), ("Ofsted", "inspection_scoring"), ("MASH", "dcs_hub")],
)
def test_an_institution_is_found_by_a_word_of_the_same_meaning(word: str, found: str) -> None:
    assert found in list_names("institutions", word)


def test_a_synonym_means_something_that_is_explained() -> None:
    everything = " ".join(
        [f"{row.id} {row.name} {row.history} {row.applies_to}" for row in load_institutions().values()]
        + [f"{row.id} {row.meaning}" for row in load_register().values()]
        + list(load_levers())
    ).lower()
    for word, meanings in load_synonyms().items():
        assert word == word.lower()
        assert all(meaning.replace("_", " ") in everything.replace("_", " ") for meaning in meanings), word
