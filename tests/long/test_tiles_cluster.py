"""The workers of a cluster give the same tiles as a single process."""

from pathlib import Path

from tests.long.test_sweep_cluster import Cluster
from tests.tiles.land import LAND, join_land, read_files, run_land

from cpsim.parallel.engine import open_dask_engine
from cpsim.tiles import TileProgress, run_tiles


def test_a_cluster_gives_the_same_tiles_and_reports_their_weeks(tmp_path: Path) -> None:
    run_land(tmp_path / "one_process")
    join_land(tmp_path / "one_process").save()
    seen: list[TileProgress] = []
    cluster = Cluster(tmp_path, (2,))
    try:
        engine = open_dask_engine(cluster.address)
        progress = run_tiles(LAND, tmp_path / "out", engine=engine, on_progress=seen.append)
    finally:
        cluster.end()
    assert progress.complete
    assert any(0 < each.share < 1 for each in seen)
    join_land(tmp_path / "out").save()
    assert read_files(tmp_path / "out") == read_files(tmp_path / "one_process")
