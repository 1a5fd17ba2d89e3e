"""What guests may spend: how fast, how often and how much."""
