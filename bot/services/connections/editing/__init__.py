"""A connection is changed in place: its name, where its server is, and how that is reached."""
