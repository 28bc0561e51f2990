"""A notebook analyses a sweep and draws the findings."""

import pytest
from tests.analysis.studies import MISSES, study

import cpsim
from cpsim import plot
from cpsim.analysis.findings import Study, collect_findings
from cpsim.analysis.sentences import summarise_findings
from cpsim.experiment.definition import Design, LatinHypercube, Morris, Sobol


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Study:
    """A synthetic sweep, which is loaded from any folder."""
    made = study(LatinHypercube(kind="latin_hypercube", points=24))
    monkeypatch.setattr("cpsim.analysis.analyse.load_study", lambda _, **__: made)
    return made


def test_a_notebook_gets_the_tables_of_the_page_and_can_draw_them(made: Study) -> None:
    analysis = cpsim.analyse("duty")
    found = collect_findings(made)
    assert set(analysis.tables) == set(found.tables)
    assert analysis.outcomes == tuple(made.headlines)
    assert analysis.gaps == tuple(found.gaps)
    assert made.definition.name in repr(analysis)
    label = plot.arm_differences(analysis).get_label()
    assert str(label).startswith("What does each arm change?")


def test_a_sweep_without_a_finished_run_has_nothing_to_analyse(made: Study) -> None:
    made.runs["status"] = "failed"
    with pytest.raises(ValueError, match="no run has finished"):
        cpsim.analyse("duty")


@pytest.mark.parametrize(
    "design",
    [
        LatinHypercube(kind="latin_hypercube", points=24),
        Sobol(kind="sobol", base_points=8),
        Morris(kind="morris", trajectories=8),
    ],
    ids=lambda design: design.kind,
)
def test_an_outcome_that_no_setting_moves_has_nothing_to_explain(design: Design) -> None:
    made = study(design, seeds=2)
    made.runs[MISSES] = made.runs["seed"].map({1: 1.0, 2: 0.8333333333333334})
    found = collect_findings(made)
    sentences = [*summarise_findings(made, found), *found.gaps]
    assert "No setting that varies moves missed risk in as_it_was: it is the same at all points." in sentences
    gaps = " ".join(found.gaps)
    assert "There is nothing to explain, because all points have the same value: missed risk in" in gaps
    assert ("indices have nothing to explain" in gaps) == (design.kind != "latin_hypercube")
    own = found.tables["effects"].query("outcome == @MISSES")
    assert own["fit"].isna().all()
