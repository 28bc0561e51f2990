"""Measures of a run: missed risk and its causes, false alarms, workload and cost, computed from the log of casework."""
