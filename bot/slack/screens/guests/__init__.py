"""What a host sees of guests."""
