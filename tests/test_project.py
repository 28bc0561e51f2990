"""The structure of the project: import layers, length of functions, packaging, and its documentation."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from importlinter.cli import lint_imports
from ruamel.yaml import YAML
from tests.files import ROOT, list_project_files

from cpsim.experiment.read import load_experiment
from cpsim.scenario.read import load

HEAVY = {"matplotlib", "mesa", "networkx", "numpy", "pandas", "pyarrow", "pydantic", "ruamel", "scipy"}
CHECKED = [
    "pyproject.toml",
    "README.md",
    "CHANGELOG.md",
    "CITATION.cff",
    "LICENSE",
    ".ci",
    "src",
    "scenarios",
]
CHECKED += ["experiments", "tools", "benchmarks", "tests", "docs"]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MOST_BYTES = 200_000
MOST_LINES = 60  # of a function, without its docstring
TEXT_SUFFIXES = {".cff", ".csv", ".json", ".md", ".py", ".toml", ".txt", ".yaml", ""}

# Written in pieces, so that this file itself does not match.
PRIVATE = {
    "a package registry": re.compile("|".join([r"py" r"pi\.org", r"python" r"hosted", r"index" r"-url"])),
    "a path of a developer's machine": re.compile(r"(?<![\w.~])/(?:work|root|home|opt|Users)/" r"\w"),
    "a folder outside the project": re.compile(r"\.\./" r"shared"),
}


@pytest.fixture(scope="module")
def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def list_packages_loaded_by(statement: str) -> set[str]:
    """Return the top-level packages that a new interpreter has imported after `statement`."""
    report = f"import sys\ntry:\n    {statement}\nexcept SystemExit:\n    pass\n"
    report += "print('\\n', *{name.partition('.')[0] for name in sys.modules})"
    ran = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    return set(ran.stdout.splitlines()[-1].split())


def list_text_files() -> list[Path]:
    files = (found for part in CHECKED for found in [ROOT / part, *(ROOT / part).rglob("*")])
    return [file for file in files if file.is_file() and file.suffix in TEXT_SUFFIXES]


def test_packages_import_only_from_the_layers_below_and_respect_the_other_import_contracts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    failed = lint_imports(no_cache=True)
    assert not failed, capsys.readouterr().out


def list_functions(file: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    nodes = ast.walk(ast.parse(file.read_text("utf-8")))
    return [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def count_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function from its `def` to its end, without its docstring."""
    assert function.end_lineno
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is not None:
        docstring = function.body[0]
        assert docstring.end_lineno
        lines -= docstring.end_lineno - docstring.lineno + 1
    return lines


def test_no_function_is_longer_than_60_lines_without_its_docstring() -> None:
    lines = {
        f"{file.relative_to(ROOT)}: {function.name}": count_lines(function)
        for file in (ROOT / "src").rglob("*.py")
        for function in list_functions(file)
    }
    assert lines, "no function found"
    long = {name: count for name, count in lines.items() if count > MOST_LINES}
    assert not long, f"move an idea of its own into a function with its name: {long}"


def test_two_classes_never_have_the_same_name() -> None:
    modules: dict[str, set[str]] = {}
    for file in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                modules.setdefault(node.name, set()).add(file.relative_to(ROOT).as_posix())
    assert not {name: files for name, files in modules.items() if len(files) > 1}, (
        "rename all but one of them"
    )


def test_help_imports_no_large_dependency() -> None:
    assert not HEAVY & list_packages_loaded_by("from cpsim.cli import main; main(['--help'])")


def test_importing_cpsim_imports_no_large_dependency() -> None:
    assert not HEAVY & list_packages_loaded_by("import cpsim")


def test_the_wheel_contains_scenarios_register_templates_and_type_marker(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        contained = set(archive.namelist())
    scenarios = {f"cpsim/_scenarios/{file.relative_to(ROOT / 'scenarios')}" for file in list_scenario_files()}
    assert scenarios
    tables = ("parameters.csv", "evidence.csv", "bibliography.json", "institutions.yaml", "claims.csv")
    data = {f"cpsim/scenario/{name}" for name in tables}
    data |= {f"cpsim/present/templates/{name}.j2" for name in ("page.html", "parts.html", "style.css")}
    assert scenarios | data | {"cpsim/py.typed"} <= contained
    assert all(name.startswith(("cpsim/", "cpsim-")) for name in contained)


def list_scenario_files() -> list[Path]:
    return sorted((ROOT / "scenarios").rglob("*.yaml"))


@pytest.mark.parametrize("what", PRIVATE)
def test_no_file_contains(what: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in list_text_files()
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
        if PRIVATE[what].search(line)
    ]
    assert not found, f"{what}:\n" + "\n".join(found)


def test_no_file_of_the_repository_is_larger_than_200_kilobytes() -> None:
    large = {
        file.relative_to(ROOT).as_posix(): file.stat().st_size
        for file in list_project_files()
        if file.stat().st_size > MOST_BYTES
    }
    assert not large, f"build these where they are needed, or make them smaller (tools/images.py): {large}"


@pytest.mark.parametrize("marker", ["main job", "tests", "long tests"])
def test_the_readme_has_each_command_of_ci_on_one_line(marker: str) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    (command,) = re.findall(rf"<!-- {marker} -->\n```sh\n(.*?)\n```\n", readme, flags=re.DOTALL)
    assert "\n" not in command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_all_relative_links_of_a_page_lead_to_a_file(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.name != "tutorial.md"],  # one of its files is wrong on purpose
    ids=lambda page: page.name,
)
def test_all_scenarios_and_experiments_on_a_page_are_valid(page: Path, tmp_path: Path) -> None:
    (tmp_path / "ties.graphml").touch()  # files that some of them refer to
    (tmp_path / "points.csv").write_text("network.trust_start,sharing.duty_effect\n0.2,0.1\n", "utf-8")
    read = load_experiment if page.name == "experiments.md" else load
    for number, shown in enumerate(re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)):
        file = tmp_path / f"{page.stem}_{number}.yaml"
        file.write_text(shown, "utf-8")
        read(file)


def test_citation_changelog_and_package_have_the_same_version(project: dict[str, object]) -> None:
    citation = YAML(typ="safe").load(ROOT / "CITATION.cff")
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    assert f"\n## {project['version']}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
