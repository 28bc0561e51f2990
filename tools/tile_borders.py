"""Measure what the borders of tiles change, on a county that fits into one simulation.

python tools/tile_borders.py --seeds 10    # twenty authorities in one tile, in tiles of about five, and one by one

Each seed gives the same authorities in every division: their sizes and other traits are those of a single simulation.
The children are different ones, because each tile draws its own.
"""

import argparse
from collections.abc import Iterator
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from page_text import format_table
from scipy.stats import t

from cpsim.formatting import format_difference, format_interval, format_outcome
from cpsim.parallel.engine import open_in_process_engine
from cpsim.results import SUMMARY
from cpsim.scenario.authorities import authority_names
from cpsim.scenario.read import from_mapping, load
from cpsim.scenario.schema import Scenario
from cpsim.tiles import join_tiles, run_tiles
from cpsim.world.authorities import draw_authorities

COUNTY = "county_of_twenty"
DIVISIONS = {"one": 1, "fives": 4, "single": 20}
"""Name of a division -> number of tiles."""
OUTCOMES = (
    "missed_risk_rate",
    "assessed_neither_per_10k_year",
    "referrals_per_10k_year",
    "rereferral_share_12m",
    "delivery_rate",
    "initial_on_time_share",
    "plan_stock_per_10k",
    "cost_gbp_per_child_year",
)


def divide_county(county: Scenario, seed: int, tiles: int) -> Scenario:
    """Divide a county into tiles of equal numbers of authorities, which have the sizes of a single simulation."""
    children = draw_authorities(county.authorities, county.population, seed).children
    largest = max(part.sum() for part in np.array_split(children, tiles))
    sizes = (children / county.population.children).tolist()
    # Names of their own, since numbered ones are for authorities without any.
    names = [name.replace("authority", "place") for name in authority_names(county.authorities)]
    settings = county.model_dump(mode="python")
    settings["authorities"] |= {
        "named": [{"name": name, "size": size} for name, size in zip(names, sizes, strict=True)],
        "tile_children": int(largest) + 1,
    }
    return from_mapping(settings)


def run_divisions(seeds: int) -> Iterator[dict[str, Any]]:
    """Run every division of the county with every seed; yield the outcomes of each."""
    county = load(COUNTY)
    for seed in range(1, seeds + 1):
        for name, tiles in DIVISIONS.items():
            divided = divide_county(county, seed, tiles)
            with TemporaryDirectory() as folder:
                run_tiles(divided, folder, seed, open_in_process_engine())
                result = join_tiles(divided, folder, seed).result
            assert result is not None
            yield {
                "division": name,
                "seed": seed,
                **{outcome: result.summary[outcome] for outcome in OUTCOMES},
            }


def format_differences(runs: pd.DataFrame) -> str:
    """Format the mean of each outcome in one tile, and the difference of each division from it, with 95% intervals."""
    by_division = {str(name): part.set_index("seed") for name, part in runs.groupby("division")}
    first, *others = DIVISIONS
    rows = []
    for outcome in OUTCOMES:
        one = by_division[first][outcome]
        cells = [SUMMARY[outcome].label, format_outcome(outcome, one.mean())]
        for division in others:
            difference = (by_division[division][outcome] - one).dropna()
            mean, half = difference.mean(), t.ppf(0.975, len(difference) - 1) * difference.sem()
            interval = format_interval(outcome, mean - half, mean + half, unit=False)
            cells.append(f"{format_difference(outcome, mean, half, unit=False)} ({interval})")
        rows.append(cells)
    return format_table(("outcome", "one tile", "tiles of five", "tiles of one"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=10, help="number of seeds, at least 2")
    options = parser.parse_args()
    print(format_differences(pd.DataFrame(run_divisions(options.seeds))))


if __name__ == "__main__":
    main()
