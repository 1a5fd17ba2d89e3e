"""What several benchmarks need: a house to measure, rows to fill it with, a line to print."""
