"""An attribution with made-up numbers."""

import pandas as pd

from cpsim.results.attribution import ALL_PERFECT, AS_IT_IS, STAGE_GROUPS, Attribution

LEDGER = (0.05, 0.40, 0.05, 0.10, 0.35, 0.05)
BUT_FOR = (0.01, 0.08, 0.02, 0.01, 0.30, 0.03)
SHAPLEY = (0.01, 0.20, 0.06, 0.05, 0.48, 0.10)
MISSED, FLOOR = 200, 0.1


def attribution(
    but_for: tuple[float, ...] = BUT_FOR, missed: int = MISSED, seeds: tuple[int, ...] = (1,)
) -> Attribution:
    """Create an attribution: `missed` of 300 spells missed in each seed, a tenth of these with all stages perfect."""
    gap = float("nan")
    table = pd.DataFrame(
        {
            "stage": list(STAGE_GROUPS),
            "stops": [", ".join(codes) for codes in STAGE_GROUPS.values()],
            "ledger_share": LEDGER if missed else gap,
            "but_for_share": but_for if missed else gap,
            "shapley_share": SHAPLEY if missed else gap,
            "shapley_error": 0.02 if missed else gap,
            "newly_reached": [share * missed for share in but_for],
            "newly_missed": [0, 12, 1, 0, 4, 0] if missed else 0,
        }
    )
    several = len(seeds) > 1
    limits = {
        "but_for_low": table["but_for_share"] - 0.01 if several else gap,
        "but_for_high": table["but_for_share"] + 0.01 if several else gap,
        "shapley_low": table["shapley_share"] - 0.04,
        "shapley_high": table["shapley_share"] + 0.04,
    }
    runs = [
        {"seed": seed, "perfect": perfect, "spells": 300, "missed": number}
        for seed in seeds
        for perfect, number in ((AS_IT_IS, missed), (ALL_PERFECT, int(FLOOR * missed)))
    ]
    changed = [
        {
            "seed": seeds[0],
            "stage": "transit",
            "child": 4,
            "onset": 3,
            "stopped_at": "C4",
            "newly_reached": True,
        },
        {
            "seed": seeds[0],
            "stage": "transit",
            "child": 9,
            "onset": 5,
            "stopped_at": None,
            "newly_reached": False,
        },
    ]
    return Attribution(
        scenario="by hand",
        seeds=seeds,
        orders=12,
        table=table.assign(**limits),
        by_seed=pd.concat([table.drop(columns="stops").assign(seed=seed) for seed in seeds]),
        runs=pd.DataFrame(runs),
        children=pd.DataFrame(changed),
        provenance={"versions": {"cpsim": "0.1.0"}},
    )
