"""Studies of many runs: comparisons, experiments, sweeps and their analysis."""
