"""The types of arrays that cpsim passes around; shapes are given where an array is documented."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Quantities: log-odds, hours, shares, trust."""

Ints = NDArray[np.int64]
"""Weeks, counts, and rows of a table."""

Bools = NDArray[np.bool_]
"""One answer a row, or a mask."""

Integers = NDArray[np.integer]
"""Whole numbers of any width."""

Numbers = NDArray[np.integer | np.floating | np.bool_]
"""What can be added up."""

Weeks = NDArray[np.int32]
"""Weeks in a table that has many rows."""

Grades = NDArray[np.int8]
"""Grades of an inspection, from 1 (lowest) to 4."""

Keys = NDArray[np.uint64]
"""Keys of random draws, see `cpsim.draws`."""

Records = NDArray[np.void]
"""Rows of a structured array, whose fields are documented with its dtype."""
