"""What tools gave, in sentences."""
