"""The agents: schools, GP practices, trusts, hospitals, police units, communities, teams and social workers.

`columns` stores the state of all agents in tables, `tables` says which columns they have, `dials` lists what policies
can change, and `build` builds the tables. `roster` creates the Mesa agents on demand, and each other module describes
one kind of agent. This package does not deal with children, policies or decisions.
"""
