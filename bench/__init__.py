"""Benchmarks: one module for each row, `python -m bench` runs them and prints the table. docs/performance.md."""
