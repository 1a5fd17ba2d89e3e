"""What the model costs: a member's month, the workspace's, and what may be spent."""
