"""Types of the arrays that cpsim passes around; an array's shape is given where the array is documented."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Real numbers: log-odds, hours, shares, trust."""

Ints = NDArray[np.int64]
"""Weeks, counts, and row numbers of a table."""

Bools = NDArray[np.bool_]
"""One true or false per row, also used as a mask."""

Integers = NDArray[np.integer]
"""Whole numbers of any width."""

Numbers = NDArray[np.integer | np.floating | np.bool_]
"""Numbers of any kind that can be added up."""

Weeks = NDArray[np.int32]
"""Weeks in a table with many rows."""

Grades = NDArray[np.int8]
"""Inspection grades, from 1 (lowest) to 4."""

Keys = NDArray[np.uint64]
"""Keys of random draws, see `cpsim.draws`."""

Records = NDArray[np.void]
"""Rows of a structured array, whose fields are documented with its dtype."""
