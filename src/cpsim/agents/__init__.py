"""The agents: schools, GP practices, trusts, hospitals, police units, communities, teams and social workers.

`columns` stores the state of all agents in tables, `dials` lists what policies can change, and `roster` builds the
tables and, on demand, the Mesa agents. Each other module describes one kind of agent. This package does not deal with
children, policies or decisions.
"""
