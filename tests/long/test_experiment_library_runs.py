"""Each experiment that comes with cpsim can be run and analysed, when it is shrunken."""

import re
from copy import deepcopy
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.experiment.library import of_the_library, read, run_cpsim

from cpsim.experiment.read import load_experiment
from cpsim.parallel.engine import open_in_process_engine
from cpsim.sweeps.loaded import load_sweep


def shrink_experiment(file: Path, folder: Path) -> Path:
    """Write the same experiment with 300 children, one evaluated year and a few points."""
    content = read(file)
    tiny = {"population": {"children": 300}, "clock": {"warm_up_years": 1}}
    content["arms"] = {name: deepcopy(tiny) | dict(arm) for name, arm in content["arms"].items()}
    content["vary"] = {
        path: values[::2][:2] if isinstance(values, list) else values
        for path, values in content["vary"].items()
    }
    if content["design"]["kind"] == "latin_hypercube":
        content["design"]["points"] = len(content["vary"]) + 2
    content |= {"seeds": 2, "years": 1}
    small = folder / file.name
    YAML(typ="safe").dump(content, small)
    # Later events are moved into the one evaluated year.
    small.write_text(re.sub(r"\d{4}-\d\d-\d\d", "2005-10-03", small.read_text("utf-8")), "utf-8")
    return small


@of_the_library
def test_a_shrunken_experiment_can_be_run_and_analysed(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cpsim.parallel.engine.open_local_engine", lambda _: open_in_process_engine())
    small = shrink_experiment(file, tmp_path)
    run_cpsim("sweep", small, "--out", tmp_path / "sweep", "--quiet")
    runs = load_sweep(tmp_path / "sweep")
    assert len(runs) == load_experiment(small).number_of_runs
    assert set(runs["status"]) == {"done"}, runs[["stage", "error"]].drop_duplicates().to_string()
    run_cpsim("analyse", tmp_path / "sweep", "--quiet")
    page = (tmp_path / "sweep" / "analysis" / "analysis.md").read_text("utf-8")
    assert load_experiment(small).definition.question in page
