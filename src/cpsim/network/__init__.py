"""The network of organisations and front doors, over which information about children is shared.

`nodes` defines the nodes, `ties` stores trust, delivery and use of each tie in arrays, `build` creates a network from
catchments, `graph` converts between ties and a networkx graph, and `graphml` reads and writes network files.
"""
