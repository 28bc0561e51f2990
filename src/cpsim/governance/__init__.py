"""Governance: policy levers and staff turnover. Nothing in this package depends on the decisions of casework."""
