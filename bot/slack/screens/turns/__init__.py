"""What an answer shows beside its words, and leaves behind."""
