"""A notebook asks a sweep what it has found, and draws it."""

import pytest
from tests.study.analysis.studies import study

import cpsim
from cpsim import plot
from cpsim.study.analysis.findings import Study, findings
from cpsim.study.definition import LatinHypercube


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Study:
    """A sweep made by hand, which any folder now holds."""
    made = study(LatinHypercube(kind="latin_hypercube", points=24))
    monkeypatch.setattr("cpsim.study.analysis.door.load_sweep", lambda _: made.runs)
    monkeypatch.setattr("cpsim.study.analysis.door.load_definition", lambda _: made.definition)
    return made


def test_a_notebook_gets_what_the_page_is_made_of_and_can_draw_it(made: Study) -> None:
    analysis = cpsim.analyse("duty")
    found = findings(made)
    assert set(analysis.tables) == set(found.tables)
    assert analysis.outcomes == tuple(made.headlines)
    assert analysis.gaps == tuple(found.gaps)
    assert made.definition.name in repr(analysis)
    label = plot.arm_differences(analysis).get_label()
    assert str(label).startswith("What does each arm change?")


def test_a_sweep_without_a_finished_run_has_nothing_to_analyse(made: Study) -> None:
    made.runs["status"] = "failed"
    with pytest.raises(ValueError, match="no run is done"):
        cpsim.analyse("duty")
