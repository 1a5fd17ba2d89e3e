"""What was done and spent, counted for people: never what was said."""
