"""A result names the scenario, the code and the added levers from which it was made."""

from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace

import pytest

from cpsim.results import format_scenario_yaml
from cpsim.results.origin import list_added_levers, read_commit
from cpsim.results.run_result import convert_tuples_to_lists, hash_scenario
from cpsim.scenario.read import find_shipped_scenarios, load

COMMIT = "1f2e3d4c" * 5


@pytest.mark.parametrize("name", sorted(find_shipped_scenarios())[::6])
def test_a_run_repeated_from_its_own_scenario_file_has_the_same_hash(name: str, tmp_path: Path) -> None:
    resolved = load(name).model_dump(mode="python")
    file = tmp_path / "scenario.yaml"
    file.write_text(format_scenario_yaml(convert_tuples_to_lists(resolved)), encoding="utf-8")
    assert hash_scenario(load(file).model_dump(mode="python")) == hash_scenario(resolved)


def test_another_number_has_another_hash() -> None:
    assert hash_scenario({"years": 1}) == hash_scenario({"years": 1.0})
    assert hash_scenario({"years": 1}) != hash_scenario({"years": 1.5}) != hash_scenario({"years": True})


def write_checkout(folder: Path, head: str, **references: str) -> Path:
    (folder / ".git" / "refs" / "heads").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text(f"{head}\n", encoding="utf-8")
    for name, commit in references.items():
        (folder / ".git" / "refs" / "heads" / name).write_text(f"{commit}\n", encoding="utf-8")
    return folder


def test_the_commit_of_a_branch_is_found_without_running_git(tmp_path: Path) -> None:
    assert read_commit(write_checkout(tmp_path / "branch", "ref: refs/heads/main", main=COMMIT)) == COMMIT
    assert read_commit(write_checkout(tmp_path / "detached", COMMIT)) == COMMIT
    packed = write_checkout(tmp_path / "packed", "ref: refs/heads/main")
    (packed / ".git" / "packed-refs").write_text(f"# sorted\n{COMMIT} refs/heads/main\n", encoding="utf-8")
    assert read_commit(packed) == COMMIT


def test_the_commit_of_a_further_work_tree_is_found(tmp_path: Path) -> None:
    git = write_checkout(tmp_path / "main", "ref: refs/heads/main", main="0" * 40, trial=COMMIT) / ".git"
    own, tree = git / "worktrees" / "trial", tmp_path / "trial"
    own.mkdir(parents=True)
    tree.mkdir()
    (tree / ".git").write_text(f"gitdir: {own}\n", encoding="utf-8")
    (own / "HEAD").write_text("ref: refs/heads/trial\n", encoding="utf-8")
    (own / "commondir").write_text("../..\n", encoding="utf-8")
    assert read_commit(tree) == COMMIT


@pytest.mark.parametrize(
    "head", ["not a commit", "ref: refs/heads/../../HEAD", "ref: refs/heads/none", "ref: /etc/x"]
)
def test_a_damaged_checkout_has_no_commit(head: str, tmp_path: Path) -> None:
    assert read_commit(tmp_path) is None
    assert read_commit(write_checkout(tmp_path, head)) is None


def test_a_lever_of_another_package_is_named_with_its_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list_added_levers() == []
    added = EntryPoint("curfew", "towns:Curfew", "cpsim.levers")
    vars(added)["dist"] = SimpleNamespace(name="towns", version="2.1")
    monkeypatch.setattr("cpsim.results.origin.entry_points", lambda group: [added])  # noqa: ARG005
    assert list_added_levers() == [{"lever": "curfew", "distribution": "towns", "version": "2.1"}]
