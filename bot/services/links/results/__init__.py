"""What a link's guests answered, how they used it, and what it comes to."""
