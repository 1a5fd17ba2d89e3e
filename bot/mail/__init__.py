"""Mail: a few short messages to people who have no other way to be reached."""
