"""Casework, one module for each stage: from a noticed sign to a plan and the closure of the case.

Casework reads the columns of the agents and the ties, which levers change. It depends on no lever.
"""
