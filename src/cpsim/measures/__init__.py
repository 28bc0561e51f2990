"""The measures: what was missed and where, false alarms, workload and money, read from the log of casework."""
