"""The reach of policy: which events of a timeline are in play, and what each of them can do with its settings.

Everything here follows from what levers declare and from a trial, in which the timeline is applied week by week to the
bodies of the scenario while casework stands still. Nothing depends on how casework responds.

>>> from cpsim.reach import find_idle_events
>>> from cpsim.scenario import load
>>> plan = {"date": "2006-04-03", "lever": "workforce_plan"}
>>> (idle,) = find_idle_events(load("small", {"timeline": [plan]}))
>>> idle.name, idle.reason
('workforce_plan', 'it changes only the signal authorities.movers_retained, on which nothing in force depends')
"""

from cpsim.reach.arms import describe_equal_arms, find_equal_arms
from cpsim.reach.in_play import IdleEvent, find_idle_events
from cpsim.reach.points import describe_idle_arms

__all__ = ["IdleEvent", "describe_equal_arms", "describe_idle_arms", "find_equal_arms", "find_idle_events"]
