"""Findings on networks that somebody else chose: `python -m benchmarks.health_others`."""
