"""What Usher remembers. Imports nothing of ours and does no network but the database."""
