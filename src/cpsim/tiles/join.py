"""Join the tiles of a scenario: sums of their tables, and outcomes computed from these sums."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cpsim.constants import ROUNDING
from cpsim.experiment.outcomes import list_outcomes, read_outcome
from cpsim.measures.outcomes import compute_outcomes
from cpsim.measures.outcomes.columns import JoinedColumns
from cpsim.measures.outcomes.counts import COUNTS
from cpsim.results import RunResult
from cpsim.results.folder import replace_folder_atomically
from cpsim.results.run_result import collect_provenance
from cpsim.scenario.read import AnyScenario, Overrides, resolve_scenario
from cpsim.tiles.folder import JOINED, load_tile
from cpsim.tiles.plan import PlannedTile, plan_tiles
from cpsim.tiles.task import NOT_KEPT

if TYPE_CHECKING:
    from cpsim.scenario.schema import Scenario
    from cpsim.tiles.task import TileAnswer, TileSizes

__all__ = ["JoinedTiles", "join_tiles"]

ALL = "all"
"""Name of the row of all regions together."""

_KEYS = ("week", "date", "phase")
_RATES = ("pool_participation", "utilisation", "caseload_mean", "vacancy_share", "trust_mean")
"""Columns of the weekly table that are not sums."""


@dataclass(frozen=True)
class JoinedTiles:
    """All finished tiles of a scenario, joined.

    Attributes:
        folder: the folder of the tiles.
        result: the result of all authorities, without events and ties; None unless all tiles are finished.
        regions: one row for each region, and one for all of them, with every outcome.
        authorities: one row for each authority, over all evaluated years.
        tiles: one row for each tile: finished or failed, and where and why it failed.

    >>> from tempfile import TemporaryDirectory
    >>> from cpsim.parallel.engine import open_in_process_engine
    >>> from cpsim.tiles import run_tiles
    >>> towns = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
    >>> divided = {**towns, "authorities": {"count": 2, "tile_children": 500}}
    >>> with TemporaryDirectory() as folder:
    ...     _ = run_tiles(divided, folder, engine=open_in_process_engine())
    ...     joined: JoinedTiles = join_tiles(divided, folder)
    ...     joined.save().name
    'joined'
    >>> joined.tiles["status"].tolist()
    ['done', 'done']
    """

    folder: Path
    result: RunResult | None
    regions: pd.DataFrame
    authorities: pd.DataFrame
    tiles: pd.DataFrame

    def save(self, extra: Callable[[Path], None] | None = None) -> Path:
        """Write the tables into the folder `joined` of the tiles, in place of earlier ones, and return its path.

        Args:
            extra: writes further files (figures, a report) into the folder before it gets its final name.

        Raises:
            OutputError: the folder cannot be written; an earlier one is unchanged.
        """
        target = self.folder / JOINED
        with replace_folder_atomically(target) as hidden:
            if self.result is not None:
                self.result.write_files(hidden)
            for name in ("regions", "authorities", "tiles"):
                getattr(self, name).to_csv(
                    hidden / f"{name}.csv", index=False, encoding="utf-8", lineterminator="\n"
                )
            if extra is not None:
                extra(hidden)
        return target


def join_tiles(
    scenario: AnyScenario,
    out: str | Path,
    seed: int = 1,
    failures: Iterable[TileAnswer] = (),
    *,
    overrides: Overrides = (),
) -> JoinedTiles:
    """Join the finished tiles in a folder; arguments as for `run_tiles`.

    Args:
        scenario: the scenario.
        out: the folder.
        seed: the seed.
        failures: the failures of `TileProgress`.
        overrides: changes to settings.

    Raises:
        OutputError: the folder of a tile is damaged.

    >>> from tempfile import TemporaryDirectory
    >>> from cpsim.parallel.engine import open_in_process_engine
    >>> from cpsim.tiles import run_tiles
    >>> towns = {"extends": "small", "population": {"children": 500}, "clock": {"years": 1, "warm_up_years": 1}}
    >>> regions = [{"name": "North", "count": 2}, {"name": "South", "count": 1}]
    >>> divided = {**towns, "authorities": {"count": 3, "regions": regions, "tile_children": 1_000}}
    >>> with TemporaryDirectory() as folder:
    ...     _ = run_tiles(divided, folder, engine=open_in_process_engine())
    ...     joined = join_tiles(divided, folder)
    >>> joined.regions["region"].tolist(), joined.authorities["name"].tolist()
    (['North', 'South', 'all'], ['North 01', 'North 02', 'South 01'])
    >>> bool(joined.result.summary["harm_spells"] == joined.regions["harm_spells"].iloc[:2].sum())
    True
    """
    clock, settings = time.perf_counter(), resolve_scenario(scenario, overrides)
    planned, folder = plan_tiles(settings, seed), Path(out)
    parts = _load_parts(folder, planned)
    regions = list(dict.fromkeys(each.tile.region for each in planned if each.tile.region))
    rows = [(region, [part for part in parts if part.planned.tile.region == region]) for region in regions]
    kinds = settings.kinds
    summaries = [
        (name, chosen, _join_columns(settings, chosen)) for name, chosen in [*rows, (ALL, parts)] if chosen
    ]
    table = [
        {"region": name, **_count_places(chosen), **_list_outcomes(compute_outcomes(columns), kinds)}
        for name, chosen, columns in summaries
    ]
    complete = len(parts) == len(planned)
    return JoinedTiles(
        folder=folder,
        result=_join_result(settings, seed, parts, summaries[-1][2], clock) if complete else None,
        regions=pd.DataFrame(table),
        authorities=_sum_authorities(parts),
        tiles=_list_tiles(planned, parts, {answer.number: answer for answer in failures}),
    )


@dataclass(frozen=True)
class _Part:
    """A finished tile, with its tables numbered as if all tiles were one."""

    planned: PlannedTile
    result: RunResult
    sizes: TileSizes


def _load_parts(folder: Path, planned: Sequence[PlannedTile]) -> list[_Part]:
    """Load the finished tiles, and number their children, families, areas and organisations consecutively."""
    parts: list[_Part] = []
    child = family = area = agency = 0
    for each in planned:
        if not (folder / "tiles" / each.folder).exists():
            continue
        result, sizes = load_tile(folder, each)
        first = each.tile.first
        own_area = result.agencies["area"]
        last_area = int(pd.concat([own_area, result.spells["area"]]).max())
        result.spells = result.spells.assign(
            child=result.spells["child"] + child,
            family=result.spells["family"] + family,
            area=result.spells["area"] + area,
            authority=result.spells["authority"] + first,
        )
        result.authorities = result.authorities.assign(authority=result.authorities["authority"] + first)
        result.ratings = result.ratings.assign(authority=result.ratings["authority"] + first)
        result.agencies = result.agencies.assign(
            agency=result.agencies["agency"] + agency,
            name=[f"{each.tile.name}: {name}" for name in result.agencies["name"]],
            area=own_area.where(own_area < 0, own_area + area),
            authority=result.agencies["authority"] + first,
        )
        child, family, agency = child + sizes.children, family + sizes.families, agency + len(result.agencies)
        area += last_area + 1
        parts.append(_Part(each, result, sizes))
    return parts


def _join_columns(settings: Scenario, parts: Sequence[_Part]) -> JoinedColumns:
    return JoinedColumns(
        scenario=settings,
        weekly=_join_weekly(parts),
        spells=pd.concat([part.result.spells for part in parts], ignore_index=True),
        authorities=pd.concat([part.result.authorities for part in parts], ignore_index=True),
        ratings=pd.concat([part.result.ratings for part in parts], ignore_index=True),
        counts={name: sum(part.sizes.counts[name] for part in parts) for name in COUNTS},
    )


def _join_weekly(parts: Sequence[_Part]) -> pd.DataFrame:
    """Join the weekly tables: sums, and means weighted by what the mean of each tile refers to."""
    frames = [part.result.weekly for part in parts]
    joined = frames[0].copy()
    for name in joined.columns:
        if name not in (*_KEYS, *_RATES):
            joined[name] = np.sum([frame[name].to_numpy() for frame in frames], axis=0)
    posts = np.array([[part.sizes.posts] for part in parts])
    filled = posts * (1 - np.array([frame["vacancy_share"] for frame in frames]))
    # Trust is weighted by the use of each tie since the first week.
    uses = np.array([(frame["messages_sent"] + frame["consultations"]).cumsum() for frame in frames])
    places = np.array([[part.planned.tile.count] for part in parts])
    for name, weight in {
        "pool_participation": places,
        "caseload_mean": filled,
        "vacancy_share": posts,
        "trust_mean": uses,
    }.items():
        joined[name] = _average(np.array([frame[name] for frame in frames]), weight)
    available = joined["hours_available"]
    joined["utilisation"] = (joined["hours_demanded"] / available).where(available > ROUNDING)
    return joined


def _average(values: np.ndarray[Any, Any], weights: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Average over the first axis, without what is missing; unweighted where all weights are 0."""
    known = ~np.isnan(values)
    weights = np.where(known, weights, 0.0)
    weights = np.where(weights.sum(axis=0) > 0, weights, known)
    total = weights.sum(axis=0)
    mean = np.where(known, values * weights, 0.0).sum(axis=0) / np.maximum(total, ROUNDING)
    return np.where(total > 0, mean, np.nan)


def _join_result(
    settings: Scenario, seed: int, parts: Sequence[_Part], columns: JoinedColumns, clock: float
) -> RunResult:
    def join(table: str) -> pd.DataFrame:
        joined: pd.DataFrame = pd.concat([getattr(part.result, table) for part in parts], ignore_index=True)
        return joined

    resolved = settings.model_dump(mode="python")
    seconds = sum(part.result.provenance["duration_seconds"] for part in parts) + time.perf_counter() - clock
    return RunResult(
        scenario=resolved,
        seed=seed,
        summary=compute_outcomes(columns),
        weekly=columns.weekly,
        spells=columns.spells,
        agencies=join("agencies"),
        authorities=columns.authorities,
        ratings=columns.ratings,
        **{table: join(table) for table in NOT_KEPT},
        provenance=collect_provenance(resolved, seed, datetime.now(UTC), seconds),
    )


def _list_outcomes(summary: Mapping[str, Any], kinds: Sequence[str]) -> dict[str, float]:
    """List all outcomes by name, with a dot before a part."""
    return {name: read_outcome(summary, name) for name in list_outcomes(kinds)}


def _count_places(parts: Sequence[_Part]) -> dict[str, float]:
    children = [
        part.result.weekly.loc[part.result.weekly["phase"] == "evaluated", "children"].mean()
        for part in parts
    ]
    return {
        "tiles": len(parts),
        "authorities": sum(part.planned.tile.count for part in parts),
        "children": round(sum(children)),
    }


def _sum_authorities(parts: Sequence[_Part]) -> pd.DataFrame:
    """Sum the table of authorities over the years, and add the rates by which authorities are compared."""
    frames: list[pd.DataFrame] = []
    for part in parts:
        places = part.result.authorities
        counts = places.drop(columns=["year", "front_door_load", "vacancy_share"])
        sums = counts.groupby(["authority", "name"], as_index=False).sum()
        means = places.groupby("authority", as_index=False)[
            ["children", "front_door_load", "vacancy_share"]
        ].mean()
        sums = sums.drop(columns="children").merge(means, on="authority")
        sums.insert(2, "region", part.planned.tile.region)
        sums.insert(3, "tile", part.planned.tile.name)
        frames.append(sums)
    table: pd.DataFrame = pd.concat(frames, ignore_index=True)
    years = int(parts[0].result.authorities["year"].max())
    child_years = table["children"] * years
    table["missed_risk_rate"] = table["missed"] / (table["spells"] - table["censored"])
    table["assessed_neither_per_10k_year"] = 1e4 * table["assessed_neither"] / child_years
    table["referrals_per_10k_year"] = 1e4 * table["referrals"] / child_years
    table["initial_on_time_share"] = table["initial_on_time"] / table["initial_finished"]
    table["utilisation_mean"] = table["hours_demanded"] / table["hours_available"]
    return table


def _list_tiles(
    planned: Sequence[PlannedTile], parts: Sequence[_Part], failures: Mapping[int, TileAnswer]
) -> pd.DataFrame:
    seconds = {part.planned.tile.number: part.result.provenance["duration_seconds"] for part in parts}

    def describe(each: PlannedTile) -> dict[str, Any]:
        tile, failure = each.tile, failures.get(each.tile.number)
        status = "done" if tile.number in seconds else "failed" if failure else "not run"
        return {
            "tile": tile.name,
            "region": tile.region,
            "authorities": tile.count,
            "children": round(tile.children),
            "seed": each.seed,
            "status": status,
            "stage": failure and failure.stage,
            "error": failure and failure.error,
            "seconds": seconds.get(tile.number),
        }

    return pd.DataFrame([describe(each) for each in planned])
