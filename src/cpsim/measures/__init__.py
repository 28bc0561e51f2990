"""Measures of a run: missed risk, harm, assessments, workload and cost, computed from the log of casework."""
