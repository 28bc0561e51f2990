"""The life of a concern, one file a stage: from a sign that somebody notices to a plan, and back to a closed file.

Casework reads the columns of the agents and the ties. It does not know which policies exist.
"""
