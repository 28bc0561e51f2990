"""Tiles are run one by one, can be interrupted and continued, and are joined into one result."""

import json
import re
import shutil
import time
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from tests.tiles.land import LAND, TILES, join_land, press_ctrl_c, read_files, run_land, start_command

from cpsim.casework.log import Occurrence
from cpsim.cli import main
from cpsim.measures.outcomes import OUTCOMES, Columns, outcome
from cpsim.measures.outcomes.registry import COUNT
from cpsim.parallel.engine import open_in_process_engine, open_local_engine
from cpsim.present.run_page import render_run_page
from cpsim.results import RunResult
from cpsim.results.errors import InvalidFileError, OutputError
from cpsim.results.manifest import list_written_files, write_manifest
from cpsim.sweeps.lock import FolderInUseError, lock_folder
from cpsim.tiles import JoinedTiles, join_tiles, run_tiles, task
from cpsim.tiles.folder import DifferentTilesError
from cpsim.tiles.plan import plan_tiles
from cpsim.tiles.task import run_tile


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the land, with the joined result."""
    folder = tmp_path_factory.mktemp("land") / "out"
    assert run_land(folder).complete
    join_land(folder).save()
    return folder


@pytest.fixture(scope="module")
def joined(out: Path) -> JoinedTiles:
    return join_land(out)


def test_two_workers_and_an_interruption_give_the_same_bytes(tmp_path: Path, out: Path) -> None:
    expected = read_files(out)
    assert len(expected) > 40
    progress = run_tiles(LAND, tmp_path / "two", engine=open_local_engine(2))
    assert progress.complete
    join_land(tmp_path / "two").save()
    assert read_files(tmp_path / "two") == expected
    asked: list[int] = []
    stopped = run_land(tmp_path / "again", stop=lambda: len(asked) == 1 or asked.append(1) or False)
    assert stopped.stopped
    assert 0 < stopped.done < 3
    again = run_land(tmp_path / "again")
    assert again.complete
    assert again.share_now == pytest.approx(1 - stopped.share)
    join_land(tmp_path / "again").save()
    assert read_files(tmp_path / "again") == expected


def test_a_tile_does_not_depend_on_the_others(out: Path) -> None:
    from cpsim.scenario.read import from_mapping

    planned = plan_tiles(from_mapping(LAND), seed=1)[1]
    weeks = []
    answer = run_tile(planned, weeks.append)
    assert answer.result is not None
    saved = RunResult.load(out / "tiles" / planned.folder)
    assert answer.result.summary == saved.summary
    pd.testing.assert_frame_equal(answer.result.spells, saved.spells)
    assert [each.weeks for each in weeks] == [52, 104, 156]


def test_the_outcomes_of_a_single_tile_are_those_of_its_run(tmp_path: Path) -> None:
    whole = {**LAND, "authorities": {"count": 2, "tile_children": 5_000}}
    run_tiles(whole, tmp_path, engine=open_in_process_engine())
    result = join_tiles(whole, tmp_path).result
    assert result is not None
    of_tile = RunResult.load(tmp_path / "tiles" / "001-Tile-1")
    defined = {name for name, value in of_tile.summary.items() if value is not None} - {
        "share_rate_by_kind",
        "weeks_to_message_by_kind",
    }
    assert {name for name in OUTCOMES if result.summary[name] is not None} == defined
    assert len(defined) > 40
    for name in defined:
        assert result.summary[name] == pytest.approx(of_tile.summary[name], rel=1e-9), name
    pd.testing.assert_frame_equal(result.weekly, of_tile.weekly)


def test_the_outcomes_are_computed_from_sums_and_are_not_means_of_tiles(joined: JoinedTiles) -> None:
    assert joined.result is not None
    places, summary = joined.result.authorities, joined.result.summary
    followed = places["spells"].sum() - places["censored"].sum()
    assert summary["missed_risk_rate"] == pytest.approx(places["missed"].sum() / followed)
    assert summary["utilisation_mean"] == pytest.approx(
        places["hours_demanded"].sum() / places["hours_available"].sum()
    )
    regions = joined.regions.set_index("region")
    assert list(regions.index) == ["North", "South", "all"]
    assert regions.loc["all", "missed_risk_rate"] == summary["missed_risk_rate"]
    assert regions.loc["all", "harm_spells"] == regions.loc[["North", "South"], "harm_spells"].sum()
    assert regions.loc["all", "missed_risk_rate"] != pytest.approx(
        regions.loc[["North", "South"], "missed_risk_rate"].mean()
    )
    assert summary["referral_ppv"] is not None
    assert summary["cost_gbp_per_child_year"] == pytest.approx(
        (regions["cost_gbp_per_child_year"] * regions["children"]).iloc[:2].sum()
        / regions["children"].iloc[:2].sum(),
        rel=1e-3,
    )


def test_no_two_tiles_share_a_child_a_family_or_an_organisation(joined: JoinedTiles) -> None:
    assert joined.result is not None
    spells, agencies = joined.result.spells, joined.result.agencies
    assert agencies["name"].is_unique
    assert agencies["agency"].tolist() == list(range(len(agencies)))
    assert sorted(spells["authority"].unique()) == [0, 1, 2, 3]
    assert (spells.groupby("family")["authority"].nunique() == 1).all() or spells["authority"].nunique() > 1
    tile = spells["authority"].map({0: 0, 1: 0, 2: 1, 3: 2})
    for row in ("child", "family", "area"):
        limits = spells.groupby(tile)[row].agg(["min", "max"])
        assert (limits["min"].iloc[1:].to_numpy() > limits["max"].iloc[:-1].to_numpy()).all()


def test_the_joined_result_is_a_run_with_a_map_and_a_table_of_regions(out: Path, joined: JoinedTiles) -> None:
    loaded = RunResult.load(out / "joined")
    assert joined.result is not None
    assert loaded.summary == joined.result.summary
    page = render_run_page(loaded, regions=joined.regions)
    for text in ("Where harm was missed", "The regions", "North 03", "4 squares, one for each authority"):
        assert text in page
    first, *others = re.findall(
        r"Of \d+ spells of significant harm that began in one year, \d+% were missed", page
    )
    assert (first, others) == (first, []), "it begins as any other run, once"
    assert "The 4 authorities have too few spells to say how far they differ." in page
    assert "Ties between organisations" not in page, "the ties of tiles are not kept"
    table = pd.read_csv(out / "joined" / "authorities.csv")
    assert table["region"].tolist() == ["North", "North", "North", "South"]
    assert table["tile"].tolist() == ["North 1", "North 1", "North 2", "South 1"]


def test_a_tile_that_fails_is_a_row_and_is_repeated_by_the_next_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: Path
) -> None:
    from cpsim.scenario.read import from_mapping

    seeds = [each.seed for each in plan_tiles(from_mapping(LAND), seed=1)]
    draw = task.draw_world

    def fail_in_one(scenario: object, seed: int) -> object:
        if seed == seeds[1]:
            raise MemoryError("not enough memory")
        return draw(scenario, seed)  # type: ignore[arg-type]

    monkeypatch.setattr(task, "draw_world", fail_in_one)
    progress = run_land(tmp_path)
    assert (progress.done, progress.failed) == (2, 1)
    joined = join_tiles(LAND, tmp_path, failures=progress.failures)
    assert joined.result is None, "three of four authorities are not the land"
    joined.save()
    rows = pd.read_csv(tmp_path / "joined" / "tiles.csv")
    assert rows["status"].tolist() == ["done", "failed", "done"]
    assert rows.loc[1, ["stage", "error"]].tolist() == ["world", "MemoryError: not enough memory"]
    assert pd.read_csv(tmp_path / "joined" / "regions.csv")["authorities"].tolist() == [2, 1, 3]
    monkeypatch.undo()
    assert run_land(tmp_path).complete
    join_land(tmp_path).save()
    assert read_files(tmp_path) == read_files(out), "the tables of the incomplete result are replaced"


def test_a_folder_is_continued_only_with_the_same_scenario_and_seed(tmp_path: Path, out: Path) -> None:
    with pytest.raises(DifferentTilesError, match=r"were started with another seed; choose another folder"):
        run_land(out, seed=2)
    changed = {**LAND, "name": "another"}
    with pytest.raises(DifferentTilesError, match="another scenario and scenario_sha256"):
        run_tiles(changed, out, engine=open_in_process_engine())
    (tmp_path / "letter.txt").write_text("Dear director", "utf-8")
    with pytest.raises(DifferentTilesError, match="contains something other than tiles"):
        run_land(tmp_path)
    with (
        lock_folder(out),
        pytest.raises(FolderInUseError, match="another command is writing into this folder"),
    ):
        run_land(out)


def test_a_tile_with_a_changed_file_is_set_aside_and_repeated(tmp_path: Path, out: Path) -> None:
    shutil.copytree(out, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "tiles" / TILES[2] / "summary.json"
    file.write_text(file.read_text("utf-8").replace("1", "2", 1), "utf-8")
    with pytest.raises(OutputError, match=r"003-South-1.*summary\.json has changed"):
        join_land(tmp_path)
    progress = run_land(tmp_path)
    assert progress.set_aside == (
        f"tiles/{TILES[2]} is set aside and repeated, because a file in it has changed since it was written",
    )
    assert (tmp_path / "set_aside" / TILES[2] / "summary.json").exists()
    join_land(tmp_path).save()
    assert read_files(tmp_path) == read_files(out)


def test_an_outcome_that_needs_the_log_of_events_is_empty(tmp_path: Path) -> None:
    @outcome(unit=COUNT, label="Referred", meaning="Children who were referred.")
    def children_referred(run: Columns) -> float:
        return len(set(run.select(Occurrence.REFERRED).child))

    try:
        run_land(tmp_path)
        result = join_land(tmp_path).result
        of_tile = RunResult.load(tmp_path / "tiles" / TILES[0])
    finally:
        OUTCOMES.pop("children_referred")
    assert of_tile.summary["children_referred"] > 0  # type: ignore[operator]
    assert result is not None
    assert result.summary["children_referred"] is None


def change_file(file: Path, before: str, after: str) -> None:
    """Change a file in the folder of a tile, and the digest of it in the manifest."""
    file.write_text(file.read_text("utf-8").replace(before, after, 1), "utf-8")
    write_manifest(file.parent, list_written_files(file.parent))


def test_a_tile_whose_files_belong_to_another_one_is_refused(tmp_path: Path, out: Path) -> None:
    shutil.copytree(out, tmp_path, dirs_exist_ok=True)
    tiles = tmp_path / "tiles"
    change_file(tiles / TILES[2] / "tile.json", '"referrals_in_harm"', '"referrals_in_needs"')
    with pytest.raises(
        InvalidFileError, match=r"003-South-1.tile\.json: counts: expected court_applications, "
    ):
        join_land(tmp_path)
    change_file(tiles / TILES[2] / "tile.json", '"families": ', '"families": -')
    with pytest.raises(
        InvalidFileError, match=r"003-South-1.tile\.json: families: input should be greater than"
    ):
        join_land(tmp_path)
    for before, after in ((TILES[1], "aside"), (TILES[0], TILES[1]), ("aside", TILES[0])):
        (tiles / before).rename(tiles / after)
    with pytest.raises(InvalidFileError, match="this is the result of something other than North 1"):
        join_land(tmp_path)
    (tmp_path / "tiles.json").write_text("[1]", "utf-8")
    with pytest.raises(DifferentTilesError, match=r"tiles\.json: expected a group of names, not a list"):
        run_land(tmp_path)


def write_scenario(folder: Path, **authorities: object) -> Path:
    """Write the file of the land."""
    file = folder / "land.yaml"
    file.write_text(json.dumps({**LAND, "authorities": {**LAND["authorities"], **authorities}}), "utf-8")
    return file


def test_the_command_prints_the_regions_and_writes_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cpsim.parallel.engine.open_local_engine", lambda _: open_in_process_engine())
    file, folder = write_scenario(tmp_path), tmp_path / "out"
    shown = CliRunner().invoke(main, ["run", str(file), "--out", str(folder)])
    assert shown.exit_code == 0, shown.output
    lines = [line.split()[0] for line in shown.stdout.splitlines() if line.strip()]
    assert {"Regions", "North", "South", "all"} <= set(lines)
    assert f"3 of 3 tiles are saved in {folder}. Open {folder / 'joined' / 'report.html'}." in shown.stdout
    assert (folder / "joined" / "figures" / "places.svg").exists()
    summary = CliRunner().invoke(main, ["run", str(file), "--out", str(folder), "--json", "--no-figures"])
    assert json.loads(summary.stdout) == json.loads((folder / "joined" / "summary.json").read_text("utf-8"))
    assert not (folder / "joined" / "report.html").exists(), (
        "the joined result is written again without a report"
    )


def test_an_estimate_has_the_time_and_the_memory(tmp_path: Path) -> None:
    command = ["run", str(write_scenario(tmp_path)), "--dry-run", "--workers", "2"]
    shown = CliRunner().invoke(main, command)
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.startswith(
        "land: 4 authorities with about 1,900 children in 3 tiles\nexpected time: about "
    )
    assert "with 2 worker processes" in shown.stdout
    expected = json.loads(CliRunner().invoke(main, [*command, "--json"]).stdout)
    assert (expected["tiles"], expected["workers"]) == (3, 2)
    assert 0 < expected["seconds_per_tile"] < expected["seconds"]
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "small", "--workers", "2"], "this scenario is a single run"),
        (["run", "england", "--attribute"], "--attribute cannot be used with a scenario in tiles"),
        (
            ["compare", "england", "baseline"],
            "authorities.tile_children: a scenario in tiles can be used only with",
        ),
        (["sweep", "sweep.yaml"], "authorities.tile_children: a scenario in tiles can be used only with"),
        (["story", "england"], "authorities.tile_children: a scenario in tiles can be used only with"),
    ],
    ids=["workers of a single run", "an attribution", "a comparison", "a sweep", "a story"],
)
def test_what_cannot_be_done_in_tiles_is_refused(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sweep.yaml").write_text("base: england\nseeds: 1\n", "utf-8")
    refused = CliRunner().invoke(main, arguments)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert message in " ".join(refused.stderr.split())


@pytest.mark.xdist_group("workers that are stopped")
def test_ctrl_c_saves_the_finished_tiles_and_the_same_command_continues(tmp_path: Path) -> None:
    regions = [{"name": "North", "count": 60}]
    file, folder = write_scenario(tmp_path, count=60, regions=regions, tile_children=500), tmp_path / "out"
    running = start_command(file, folder, "--workers", "1")
    while not list((folder / "tiles").glob("[0-9]*")) and running.poll() is None:
        time.sleep(0.05)
    press_ctrl_c(running)
    output, errors = running.communicate(timeout=20)
    assert (running.returncode, output) == (130, "")
    finished = len(list((folder / "tiles").glob("[0-9]*")))
    assert (
        errors == f"Stopped. {finished} of 60 tiles are saved in {folder}; repeat the command to continue.\n"
    )
    asked: list[int] = []
    continued = run_tiles(
        file,
        folder,
        engine=open_in_process_engine(),
        stop=lambda: len(asked) == 1 or asked.append(1) or False,
    )
    assert continued.done > finished, "the finished tiles are not repeated"
