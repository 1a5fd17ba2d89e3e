"""Installing, keeping and restoring: what an operator does."""
