"""Constants that several packages share. Numbers about children and services are parameters, in the register."""

from typing import Final

VERSION: Final = "0.1.0"
"""Version of cpsim, which results name; the same as in pyproject.toml."""

WEEKS_PER_YEAR: Final = 52
"""Length of a year in weeks: a year of the model has 364 days, and every yearly rate refers to this year."""

NEVER: Final = 32_000
"""A week after the end of every run, for what has not happened; `-NEVER` is a week before the start of every run."""

FRONT_DOOR: Final = "front_door"
"""Name of the front door among the bodies that send and receive messages; no agency can have this name."""

SOCIAL_CARE: Final = "social_care"
"""Name of children's social care where it appears alongside the kinds of agency; no agency can have this name."""

ROUNDING: Final = 1e-9
"""Shares, factors and hours that differ by no more than this are equal, apart from rounding."""

AVERAGE_CHILDREN: Final = 73_000
"""Children of an English local authority of average size, for which teams are given: 11 million in 150 authorities."""

MAX_SEED: Final = 2**32 - 1
"""The largest seed. SALib draws designs with seeds up to this one, and JSON and tables hold it exactly."""

MAX_SEEDS: Final = 100_000
"""The largest number of seeds of a comparison, an attribution or an experiment."""

MEMORY_LIMIT_GB: Final = 2.0
"""Most memory that a run may be expected to need, in GB; the variable `CPSIM_MEMORY_GB` sets another limit."""
