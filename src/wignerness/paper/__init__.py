"""The source paper, regenerated: its figures, and a check of every numbered equation."""
