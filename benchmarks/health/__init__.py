"""How often findings about PyTorch networks are right: `python -m benchmarks.health`."""
