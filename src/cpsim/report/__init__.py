"""What is shown of a run: figures for a seminar."""
