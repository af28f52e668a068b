"""Benchmarks of the whole product; ``python -m tests.bench`` runs them."""
