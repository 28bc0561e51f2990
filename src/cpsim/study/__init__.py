"""Studies: work over many runs rather than one."""
