"""Governance: everything that turns dials. It does not know what a screening decision is."""
