"""Runs tasks in several processes or on a cluster, and shares drawn worlds and histories between runs."""
