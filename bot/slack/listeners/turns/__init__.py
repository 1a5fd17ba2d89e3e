"""What members do with an answer once it is there, or while it comes."""
