"""What holds the house together whoever lives in it: its floors, its doors, its promises to a stranger."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from importlinter.cli import lint_imports
from ruamel.yaml import YAML

from cpsim.scenario.read import load
from cpsim.study.experiment import load_experiment

ROOT = Path(__file__).parents[1]
HEAVY = {"matplotlib", "mesa", "networkx", "numpy", "pandas", "pyarrow", "pydantic", "ruamel", "scipy"}
ROOMS = ["pyproject.toml", "README.md", "CHANGELOG.md", "CITATION.cff", "LICENSE", ".ci", "src", "scenarios"]
ROOMS += ["experiments", "tests", "docs"]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXT = {".cff", ".csv", ".json", ".md", ".py", ".toml", ".txt", ".yaml", ""}

# Spelt in pieces, or this file would be the first to name them.
PRIVATE = {
    "a package registry": re.compile("|".join([r"py" r"pi\.org", r"python" r"hosted", r"index" r"-url"])),
    "a path of somebody's machine": re.compile(r"(?<![\w.~])/(?:work|root|home|opt|Users)/" r"\w"),
    "a folder outside the project": re.compile(r"\.\./" r"shared"),
}


@pytest.fixture(scope="module")
def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def loaded_by(statement: str) -> set[str]:
    """The top-level packages that a fresh interpreter holds after ``statement``."""
    report = f"import sys\ntry:\n    {statement}\nexcept SystemExit:\n    pass\n"
    report += "print('\\n', *{name.partition('.')[0] for name in sys.modules})"
    ran = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    return set(ran.stdout.splitlines()[-1].split())


def texts() -> list[Path]:
    files = (found for room in ROOMS for found in [ROOT / room, *(ROOT / room).rglob("*")])
    return [file for file in files if file.is_file() and file.suffix in TEXT]


def test_each_room_imports_only_from_the_floors_below_and_nobody_looks_over_the_wall(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    failed = lint_imports(no_cache=True)
    assert not failed, capsys.readouterr().out


def test_help_answers_without_waiting_for_a_heavy_library() -> None:
    assert not HEAVY & loaded_by("from cpsim.cli import main; main(['--help'])")


def test_importing_the_package_costs_nothing_until_it_is_used() -> None:
    assert not HEAVY & loaded_by("import cpsim")


def test_the_wheel_carries_the_scenarios_the_register_and_the_promise_of_types(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
    scenarios = {f"cpsim/_scenarios/{file.relative_to(ROOT / 'scenarios')}" for file in scenario_files()}
    assert scenarios
    data = {f"cpsim/scenario/{name}" for name in ("parameters.csv", "institutions.yaml", "claims.csv")}
    data |= {f"cpsim/report/templates/{name}.j2" for name in ("page.html", "parts.html", "style.css")}
    assert scenarios | data | {"cpsim/py.typed"} <= carried
    assert all(name.startswith(("cpsim/", "cpsim-")) for name in carried)


def scenario_files() -> list[Path]:
    return sorted((ROOT / "scenarios").rglob("*.yaml"))


@pytest.mark.parametrize("what", PRIVATE)
def test_no_file_names(what: str) -> None:
    told = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in texts()
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
        if PRIVATE[what].search(line)
    ]
    assert not told, f"names {what}:\n" + "\n".join(told)


@pytest.mark.parametrize("marker", ["main job", "tests"])
def test_the_readme_holds_each_command_that_ci_runs_as_one_line(marker: str) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    (command,) = re.findall(rf"<!-- {marker} -->\n```sh\n(.*?)\n```\n", readme, flags=re.DOTALL)
    assert "\n" not in command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_scenario_and_experiment_that_a_page_shows_is_valid(page: Path, tmp_path: Path) -> None:
    (tmp_path / "ties.graphml").touch()  # files that some of them name
    (tmp_path / "points.csv").write_text("network.trust_start,sharing.duty_effect\n0.2,0.1\n", "utf-8")
    read = load_experiment if page.name == "experiments.md" else load
    for number, shown in enumerate(re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)):
        file = tmp_path / f"{page.stem}_{number}.yaml"
        file.write_text(shown, "utf-8")
        read(file)


def test_the_citation_the_changelog_and_the_package_agree_on_the_version(project: dict[str, object]) -> None:
    citation = YAML(typ="safe").load(ROOT / "CITATION.cff")
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    assert f"\n## {project['version']}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
