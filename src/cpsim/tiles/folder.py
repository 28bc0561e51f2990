"""The folder of a scenario in tiles, which can be continued after an interruption.

tiles.json   what is simulated: hashes of the scenario and of the code, the seed, and the names of the tiles
tiles/       the folder of each finished tile, written completely or not at all
joined/      the tables of all tiles together; see `cpsim.tiles.join`
set_aside/   damaged folders of tiles
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from cpsim.constants import VERSION
from cpsim.formatting import format_list
from cpsim.measures.outcomes.counts import COUNTS
from cpsim.results import RunResult
from cpsim.results.errors import FolderRefusedError, InvalidFileError, OutputError
from cpsim.results.files import find_free_name, refuse_links
from cpsim.results.folder import refuse_impossible_path
from cpsim.results.loading import FileModel, read_json, validate
from cpsim.results.manifest import list_written_files, read_manifest
from cpsim.results.origin import hash_code
from cpsim.results.run_result import format_json, hash_scenario, write_text
from cpsim.scenario.schema import Scenario
from cpsim.sweeps.lock import lock_folder
from cpsim.sweeps.parts import write_atomically
from cpsim.tiles.plan import PlannedTile
from cpsim.tiles.task import TileAnswer, TileSizes

PLAN, TILES, JOINED, SET_ASIDE = "tiles.json", "tiles", "joined", "set_aside"
_SIZES = "tile.json"


class DifferentTilesError(FolderRefusedError):
    """The folder belongs to another scenario, seed or version of the code."""


class _SizesModel(FileModel):
    """What the `tile.json` of a tile contains."""

    children: int = Field(ge=0)
    families: int = Field(ge=0)
    posts: int = Field(ge=1)
    counts: dict[str, Annotated[float, Field(ge=0, strict=False)]]


@dataclass
class TilesFolder:
    """The folder of a scenario in tiles, locked by this process.

    Attributes:
        path: the folder.
        planned: all tiles.
        done: numbers of the tiles that are finished.
        set_aside: a sentence for each tile whose files were damaged.
    """

    path: Path
    planned: Sequence[PlannedTile]
    done: set[int] = field(default_factory=set)
    set_aside: list[str] = field(default_factory=list)

    def add(self, answer: TileAnswer) -> None:
        """Save a finished tile.

        Raises:
            OutputError: the folder cannot be written.
        """
        assert answer.result is not None
        assert answer.sizes is not None
        text = format_json(asdict(answer.sizes))
        place = self.path / TILES / self.planned[answer.number - 1].folder
        answer.result.save(place, lambda hidden: write_text(hidden / _SIZES, text))
        self.done.add(answer.number)


@contextmanager
def open_tiles_folder(
    path: Path, scenario: Scenario, seed: int, planned: Sequence[PlannedTile]
) -> Iterator[TilesFolder]:
    """Create the folder of a scenario in tiles, or open an existing one to continue it, and lock it.

    Raises:
        FolderInUseError: another command is writing into the folder.
        DifferentTilesError: the folder contains something else.
        LinkRefusedError: the folder is a link, or has one in it.
        OutputError: the folder cannot be written.
    """
    refuse_impossible_path(path)
    content = _describe(scenario, seed, planned)
    try:
        refuse_links(path)
        path.mkdir(parents=True, exist_ok=True)
        if not (path / PLAN).exists() and any(not entry.name.startswith(".") for entry in path.iterdir()):
            raise DifferentTilesError(
                f"{path}: this folder contains something other than tiles; choose another folder"
            )
        with lock_folder(path):
            if (path / PLAN).exists():
                _check_same(path, content)
            else:
                write_atomically(path / PLAN, format_json(content).encode())
            folder = TilesFolder(path, planned)
            _find_finished_tiles(folder)
            yield folder
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror or error}") from error


def load_tile(path: Path, planned: PlannedTile) -> tuple[RunResult, TileSizes]:
    """Load a finished tile.

    Args:
        path: the folder of all tiles.
        planned: the tile.

    Raises:
        OutputError: a file is missing or damaged.
    """
    place = path / TILES / planned.folder
    result = RunResult.load(place)
    same = hash_scenario(planned.scenario.model_dump(mode="python"))
    if (result.seed, result.provenance.get("scenario_sha256")) != (planned.seed, same):
        raise InvalidFileError(f"{place}: this is the result of something other than {planned.tile.name}")
    try:
        sizes = validate(_SizesModel, read_json(place, _SIZES))
        if sizes.counts.keys() != COUNTS.keys():
            raise ValueError(f"counts: expected {format_list(COUNTS)}")
    except ValueError as error:
        raise InvalidFileError(f"{place / _SIZES}: {error}") from error
    return result, TileSizes(sizes.children, sizes.families, sizes.posts, sizes.counts)


def _describe(scenario: Scenario, seed: int, planned: Sequence[PlannedTile]) -> dict[str, Any]:
    return {
        "scenario": scenario.name,
        "scenario_sha256": hash_scenario(scenario.model_dump(mode="python")),
        "seed": seed,
        "version": VERSION,
        "code_sha256": hash_code(),
        "tiles": [each.tile.name for each in planned],
    }


def _check_same(path: Path, content: dict[str, Any]) -> None:
    try:
        theirs = read_json(path, PLAN)
    except ValueError as error:
        raise DifferentTilesError(f"{path}: {error}; choose another folder") from error
    differing = [name for name, value in content.items() if theirs.get(name) != value]
    if differing:
        raise DifferentTilesError(
            f"{path}: the tiles in this folder were started with another {' and '.join(differing)}; choose another "
            "folder with --out"
        )


def _find_finished_tiles(folder: TilesFolder) -> None:
    """Find the tiles that are finished; set aside those with a file that has changed since it was written."""
    for each in folder.planned:
        place = folder.path / TILES / each.folder
        if not place.exists():
            continue
        if read_manifest(place) == list_written_files(place):
            folder.done.add(each.tile.number)
            continue
        target = find_free_name(folder.path / SET_ASIDE / each.folder)
        target.parent.mkdir(exist_ok=True)
        place.rename(target)
        folder.set_aside.append(
            f"{TILES}/{each.folder} is set aside and repeated, because a file in it has changed since it was written"
        )
