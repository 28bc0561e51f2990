"""Who talks to whom: the graph of organisations and front doors, and the ties as flat arrays that the engine uses.

`nodes` names the places, `build` grows a realistic network, `graphml` reads a user's own, `graph` keeps the networkx
graph and the arrays in step, and `ties` holds what a tie carries: trust, delivery and use. Nothing here knows a child.
"""
