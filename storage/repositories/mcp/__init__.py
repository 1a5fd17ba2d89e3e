"""Members' connections: their tools, sealed secrets, and what was called."""
