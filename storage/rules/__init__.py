"""What is decided by rules alone: pure values, the same wherever it is asked."""
