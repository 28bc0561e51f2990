"""Histories: models at the end of their warm-up, kept in a folder so that they need not be simulated again."""
