"""Commands that look after what an installation keeps: its database, its secrets."""
