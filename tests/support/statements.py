"""What a process asks its database whatever anybody says: left out where questions are counted."""

BY_THE_CLOCK = (
    "WITH due AS",
    "SELECT (EXISTS (SELECT turns.id",
    "UPDATE turns SET lease_until=",
    "UPDATE jobs SET lease_until=",
)
"""Looks for work, after a turn and every few seconds; and that what is worked on is still ours, on a busy machine."""
