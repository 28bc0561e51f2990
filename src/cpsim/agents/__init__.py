"""The agents: every school, practice, trust, police unit, team and social worker, and the columns they live in.

`columns` keeps the state, `dials` names what a policy may turn, `roster` builds the tables and, on demand, the Mesa
agents; the other modules hold one profession each. Nothing here knows a child, a policy or a decision.
"""
