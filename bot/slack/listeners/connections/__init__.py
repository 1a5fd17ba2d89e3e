"""A member's connections: made, listed, signed in again, and their tools."""
