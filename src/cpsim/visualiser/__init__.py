"""The classroom demo: one authority, or two side by side, simulated week by week in a browser."""
