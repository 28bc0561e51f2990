"""Scenario files are found, read and extended safely."""

import os
import shutil
import time
from pathlib import Path

import pytest
from tests.scenario.reported import load_problems

from cpsim.scenario import load
from cpsim.scenario.nodes import MAX_NODES
from cpsim.scenario.read import find_shipped_scenarios


def write(folder: Path, **files: str) -> Path:
    """Write files given by their bare names, and return the path of the first."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return folder / f"{next(iter(files))}.yaml"


def test_the_shipped_scenarios_load_by_name_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert {"baseline", "small"} <= find_shipped_scenarios().keys()
    for name in find_shipped_scenarios():
        assert load(name).name == name


def test_a_bare_name_is_a_shipped_scenario_and_never_a_file_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, small="name: mine", other="name: other")
    monkeypatch.chdir(tmp_path)
    assert load("small").name == "small"
    assert load("./small.yaml").name == load("small.yaml").name == load(Path("small.yaml")).name == "mine"
    (problem,) = load_problems("other")
    assert "did you mean the file 'other.yaml'?" in problem


def test_an_unknown_name_gets_a_suggestion_or_the_command_that_lists_the_names() -> None:
    assert load_problems("baselin") == ["no scenario 'baselin' comes with cpsim; did you mean 'baseline'?"]
    assert load_problems("xyzzy") == [
        "no scenario 'xyzzy' comes with cpsim; `cpsim scenarios` lists those that do"
    ]


def test_a_missing_file_gets_the_nearest_name_as_a_suggestion(tmp_path: Path) -> None:
    write(tmp_path, schools="name: a")
    assert load_problems(tmp_path / "shools.yaml") == [
        "shools.yaml: there is no such file; did you mean 'schools.yaml'?"
    ]
    (problem,) = load_problems(tmp_path / "nowhere" / "schools.yaml")
    assert "there is no folder" in problem


def test_a_path_that_is_not_a_readable_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "part").write_text("", "utf-8")
    for path, message in (
        (tmp_path / "folder.yaml", "this is a folder; give the path of a file"),
        (tmp_path / "pipe.yaml", "this is not an ordinary file"),
        (Path("/dev/zero"), "this is not an ordinary file"),
        (tmp_path / "loop.yaml", "the file cannot be read: its links lead in a circle"),
        (tmp_path / "part" / "x.yaml", "the file cannot be read: a part of its path is a file, not a folder"),
        (tmp_path / ("x" * 300), "the file cannot be read: its path is longer than the system allows"),
        (tmp_path / ("é" * 200), "the file cannot be read: its path is longer than the system allows"),
        ("a\0b.yaml", "the file cannot be read: its path contains a character that no path can have"),
        ("\ud800.yaml", "the file cannot be read: its path contains a character that no path can have"),
    ):
        (problem,) = load_problems(path)
        assert problem.endswith(f": {message}"), problem


def test_a_path_that_is_not_utf_8_is_reported_without_a_traceback(tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"caf\xe9.yaml")
    (problem,) = load_problems(file)
    assert problem.startswith("caf\\udce9.yaml: there is no such file")
    file.write_text("extends: small", "utf-8")
    assert load(file).population.children == 10_000


def test_a_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    file = write(tmp_path, locked="name: a")
    monkeypatch.setattr(Path, "open", locked)  # root can read a file whatever its mode
    assert load_problems(file) == ["locked.yaml: the file cannot be read: permission denied"]


def test_a_file_of_a_hundred_megabytes_is_refused_without_reading_it(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    with file.open("wb") as handle:
        handle.truncate(100_000_000)
    (problem,) = load_problems(file)
    assert problem == "large.yaml: the file has 100,000,000 bytes; at most 250,000 are allowed"


@pytest.mark.parametrize(
    ("data", "start", "within"),
    [
        (b"name: a\nquestion: caf\xe9\n", "2:14: ", "byte 21 (0xe9) is not UTF-8"),
        ("name: a".encode("utf-16"), "1:1: ", "UTF-16"),
        ("name: a".encode("utf-16-le"), "1:1: ", "UTF-16"),
        (b"name: a\0b", "1:8: ", "a null character (U+0000) is not allowed in a text file"),
        (
            b"name: a\r\nquestion: \x1b[2J",
            "2:11: ",
            "an escape character (U+001B) is not allowed in a text file",
        ),
        (
            b"PK\x03\x04\x14\0",
            "1:1: ",
            "a word processor's document, a spreadsheet or another zip archive, not a text",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "1:1: ", "a document or a spreadsheet of an older office program"),
        (b"{\\rtf1\\ansi", "1:1: ", "a word processor's document (RTF)"),
        (b"%PDF-1.7", "1:1: ", "this is a PDF document, not a text file; save it as plain text"),
        (b"\x89PNG\r\n\x1a\n", "1:1: ", "a picture (PNG)"),
        (b"\xff\xd8\xff\xe0", "1:1: ", "a picture (JPEG)"),
        (b"\x1f\x8b\x08", "1:1: ", "a compressed file (gzip)"),
        (b"PAR1\x15\x04", "1:1: ", "a table (Parquet)"),
    ],
)
def test_bytes_that_are_not_text_are_reported_with_their_place(
    tmp_path: Path, data: bytes, start: str, within: str
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(data)
    (problem,) = load_problems(file)
    assert problem.startswith(f"mine.yaml:{start}"), problem
    assert within in problem


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(b"\xef\xbb\xbfname: a\r\nclock:\r\n  years: 3\r\n")
    assert load(file).clock.years == 3
    file.write_bytes(b"\xef\xbb\xbfnam: a\r\nclock:\r\n  years: 0\r\n")
    assert [problem[: problem.index(": ")] for problem in load_problems(file)] == [
        "mine.yaml:1:1",
        "mine.yaml:3:10",
    ]


def billion_laughs() -> str:
    levels = "\n".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]" for n in range(12))
    return f"a0: &a0 [lol]\n{levels}"


BOMBS = {
    "aliases of aliases": (billion_laughs(), "aliases written out"),
    "an alias to itself": ("agencies: &a {gp: *a}", "refers to nothing that is complete before it"),
    "too many values": ("a:\n" + "- 1\n" * (MAX_NODES + 1), f"more than {MAX_NODES:,}"),
    "brackets": ("a: " + "[" * 200_000, "deep"),
    "dashes": ("- " * 100_000, "deep"),
    "question marks": ("? " * 100_000, "deep"),
    "braces": ("{a: " * 60_000, "deep"),
    "lines indented further and further": ("".join(" " * n + "a:\n" for n in range(600)), "deep"),
    "5,000 events": ("timeline:\n" + "  - {lever: duty}\n" * 4_500, "at most 1,000 are allowed"),
    "5,000 institutions": (
        "timeline:\n" + "  - {lever: department_merger}\n" * 4_500,
        "4,500 events; at most 1,000 are allowed",
    ),
    "4,900 names of authorities": (
        "authorities: {count: 150, named: [" + ", ".join(f"{{name: a{n}}}" for n in range(4_900)) + "]}",
        "4,900 entries; at most 150 are allowed",
    ),
    "an endless text": ("question: " + "a " * 120_000, "at most 2,000 characters"),
    "more than a quarter of a million characters": ("# " * 125_001, "at most 250,000 are allowed"),
}


@pytest.mark.parametrize(("text", "within"), BOMBS.values(), ids=BOMBS.keys())
def test_a_file_that_would_expand_without_limit_is_refused_in_under_two_seconds(
    tmp_path: Path, text: str, within: str
) -> None:
    file = write(tmp_path, bomb=text)
    start = time.process_time()
    (problem,) = load_problems(file)
    assert time.process_time() - start < 2
    assert within in problem


FLOODS = {
    "unknown settings": "".join(f"share_nois{n}: 1\n" for n in range(9_900)),
    "duties for unknown kinds": "duties:\n" + "".join(f"  kind_{n}: {{}}\n" for n in range(9_000)),
    "new kinds": "agencies:\n" + "".join(f"  kind_{n}: {{}}\n" for n in range(5_000)),
    "events for new kinds": "agencies:\n"
    + "".join(f"  kind_{n}: {{}}\n" for n in range(2_000))
    + "timeline: [{date: 2006-05-01, lever: duty, kinds: ["
    + ", ".join(f"kond_{n}" for n in range(7_000))
    + "], bound: true}]",
    "events in unknown authorities": "timeline: [{lever: inspection, authorities: ["
    + ", ".join(f"a{n}" for n in range(9_000))
    + "]}]",
    "unknown claims": f"claims: [{', '.join(f'c{n}' for n in range(9_000))}]",
    "a long name": f"{'x' * 200_000}: [{'1, ' * 9_000}]",
    "a long value": f"agencies: {{gp: {{catchment: {'area' * 60_000}}}}}",
}


@pytest.mark.parametrize("text", FLOODS.values(), ids=FLOODS.keys())
def test_a_file_with_thousands_of_problems_reports_a_limited_number_in_under_two_seconds(
    tmp_path: Path, text: str
) -> None:
    file = write(tmp_path, flood=text)
    start = time.process_time()
    problems = load_problems(file)
    assert time.process_time() - start < 2
    assert len(problems) <= 200
    assert max(map(len, problems)) < 2_000


@pytest.mark.parametrize(
    ("override", "within"),
    [
        (".".join("a" * 3_000) + "=1", "nested more than 24 deep"),
        ("timeline" + "[0]" * 3_000 + "=1", "nested more than 24 deep"),
        ("clock=" + "[" * 3_000, "nested more than 24 deep"),
        ("clock=" + "{a: " * 3_000, "nested more than 24 deep"),
        ("a" * 100_000 + "=1", "expected path=value"),
        (".".join("a" * 100_000) + "=1", "expected path=value"),
    ],
    ids=["names", "indices", "brackets", "braces", "a long name", "many names"],
)
def test_a_path_or_value_that_is_nested_too_deeply_is_refused_on_the_command_line(
    override: str, within: str
) -> None:
    start = time.process_time()
    (problem,) = load_problems("small", override)
    assert time.process_time() - start < 2
    assert within in problem
    assert len(problem) < 300


def test_a_problem_in_a_value_repeated_by_an_alias_is_reported_where_it_was_written(tmp_path: Path) -> None:
    file = write(tmp_path, mine="duties:\n  gp: &d {awareness: 0.3}\n  school: *d")
    assert load(file).duties["school"].awareness == 0.3
    file = write(tmp_path, mine="duties:\n  gp: &d {awareness: 3}\n  school: *d")
    assert [problem[: problem.index(" expected")] for problem in load_problems(file)] == [
        "mine.yaml:2:22: duties.gp.awareness:",
        "mine.yaml:2:22: duties.school.awareness:",
    ]


def test_a_file_needs_only_the_settings_that_differ_from_the_file_it_extends(tmp_path: Path) -> None:
    event = "{date: 2006-05-01, lever: duty, kinds: [gp], bound: true}"
    file = write(
        tmp_path,
        top="extends: middle.yaml\nsharing: {share_noise: 0.7}\nharm:\n",
        middle="extends: below/bottom.yaml\nname: middle\nsharing: {share_noise: 0.6, consult_chance: 0.5}\n"
        f"timeline: [{event}, {event}]",
    )
    (tmp_path / "below").mkdir()
    write(
        tmp_path / "below",
        bottom=f"extends: small\nname: bottom\nharm: {{harm_cutoff: 1.5}}\ntimeline: [{event}]",
    )
    scenario = load(file, ["timeline=[]"])
    assert (scenario.name, scenario.extends, scenario.timeline) == ("middle", None, ())
    assert (scenario.sharing.share_noise, scenario.sharing.consult_chance) == (0.7, 0.5)
    assert scenario.harm.harm_cutoff == 1.5, "an empty section changes nothing"
    assert scenario.population == load("small").population
    assert len(load(file).timeline) == 2, "a list replaces the list of the other file"


def test_a_problem_is_reported_in_the_file_that_contains_it(tmp_path: Path) -> None:
    file = write(tmp_path, mine="extends: base.yaml\nclock: {years: 0}", base="sharing:\n  share_nois: 1")
    places = [problem[: problem.index(": ")] for problem in load_problems(file)]
    assert sorted(places) == ["base.yaml:2:3", "mine.yaml:2:16"]


@pytest.mark.parametrize(
    ("extends", "within"),
    [
        ("../outside.yaml", "outside the folder"),
        ("sub/../../outside.yaml", "outside the folder"),
        ("link.yaml", "outside the folder"),
        ("linked/outside.yaml", "outside the folder"),
        ("/etc/passwd", "must be relative"),
        ("'C:\\x.yaml'", "must be relative"),
        ("'\\\\host\\x.yaml'", "must be relative"),
        ("~/x.yaml", "no such file"),
        ("none.yaml", "no such file; did you mean 'one.yaml'?"),
        ("sub/", "this is a folder"),
        ("''", "must be relative"),
        ('"a\\0b.yaml"', "cannot be the path of a file"),
        ("smal", "did you mean 'small'?"),
        ("one", "did you mean the file 'one.yaml'?"),
        ("7", "expected the name of a shipped scenario"),
        ("[small]", "expected the name of a shipped scenario"),
        ("mine.yaml", "in a circle: mine.yaml -> mine.yaml"),
        ("ring.yaml", "in a circle: mine.yaml -> ring.yaml -> mine.yaml"),
        ("x" * 300, "comes with cpsim; `cpsim scenarios` lists those that do"),
        (f"{'x' * 300}.yaml", "its path is longer than the system allows"),
        (f"sub/{'é' * 200}.yaml", "its path is longer than the system allows"),
        (".hidden/config.yaml", "'.hidden/config.yaml' is hidden; name a file that is not"),
        (".bashrc", "is hidden"),
        ("notes.txt", "expected a file whose name ends in .yaml or .yml, not 'notes.txt'"),
        ("pipe.yaml", "pipe.yaml: this is not an ordinary file"),
        ('"a\\e[31m.yaml"', "cannot be the path of a file"),
    ],
)
def test_a_file_that_cannot_be_extended_is_reported_where_it_is_named(
    tmp_path: Path, extends: str, within: str
) -> None:
    folder = tmp_path / "course"
    (folder / "sub").mkdir(parents=True)
    write(tmp_path, outside="name: secret")
    (folder / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (folder / "linked").symlink_to(tmp_path)
    (folder / "notes.txt").write_text("password: secret", "utf-8")
    os.mkfifo(folder / "pipe.yaml")
    file = write(
        folder, mine=f"name: a\nextends: {extends}", one="name: one", ring="extends: ./sub/../mine.yaml"
    )
    problems = load_problems(file)
    assert within in problems[0]
    assert "secret" not in "".join(problems)
    if "ring" not in extends:
        assert problems[0].startswith("mine.yaml:2:10: extends: ")
        assert len(problems) == 1


def test_an_extended_file_that_cannot_be_read_is_reported_in_both_files(tmp_path: Path) -> None:
    problems = load_problems(
        write(tmp_path, mine="extends: base.yaml\nduties: {youth_justice: {}}", base="a: [1")
    )
    assert [problem[: problem.index(": ")] for problem in problems] == ["base.yaml:1:4", "mine.yaml:1:10"]


def test_a_long_chain_of_files_is_refused(tmp_path: Path) -> None:
    chain = {f"f{n}": f"extends: f{n + 1}.yaml" for n in range(100)}
    assert any("a chain of more than" in problem for problem in load_problems(write(tmp_path, **chain)))


def test_a_network_file_must_be_in_the_folder_of_the_scenario(tmp_path: Path) -> None:
    file = write(tmp_path, mine="network: {graphml: sub/ties.graphml}")
    (tmp_path / "sub").mkdir()
    assert "sub/ties.graphml: there is no such file" in load_problems(file)[0]
    shutil.copyfile(file, tmp_path / "sub" / "ties.graphml")
    assert load(file).network.graphml == str((tmp_path / "sub" / "ties.graphml").resolve())
    file = write(tmp_path / "sub", mine="network:\n  graphml: ../mine.yaml")
    (problem,) = load_problems(file)
    assert problem.startswith("mine.yaml:2:12: network.graphml: ")
    assert "outside the folder" in problem


@pytest.mark.parametrize(
    ("graphml", "within"),
    [
        ("secret.txt", "expected a file whose name ends in .graphml or .xml"),
        (".ssh/ties.graphml", "is hidden"),
        ("pipe.graphml", "pipe.graphml: this is not an ordinary file"),
        ("sub", "sub: this is a folder; give the path of a file"),
        (f"{'x' * 300}.graphml", "its path is longer than the system allows"),
        ("/dev/zero", "a path must be relative"),
    ],
)
def test_a_scenario_names_only_a_network_file_for_its_network(
    tmp_path: Path, graphml: str, within: str
) -> None:
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    (tmp_path / "sub").mkdir()
    os.mkfifo(tmp_path / "pipe.graphml")
    (problem,) = load_problems(write(tmp_path, mine=f"network: {{graphml: {graphml}}}"))
    assert within in problem
    assert "secret" not in problem.replace("secret.txt", "")


def test_a_network_file_on_the_command_line_is_checked_too(tmp_path: Path) -> None:
    for path, message in (
        ("/dev/zero", "not an ordinary file"),
        (tmp_path, "a folder"),
        ("a\0b", "no path can have"),
    ):
        (problem,) = load_problems("small", f'network.graphml="{path}"'.replace("\0", "\\0"))
        assert message in problem
