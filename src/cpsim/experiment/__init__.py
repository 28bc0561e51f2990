"""The definition of an experiment: its arms, what varies, the design, the seeds and the outcomes."""
