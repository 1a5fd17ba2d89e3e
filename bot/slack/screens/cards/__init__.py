"""A workspace's own cards, for its administrators."""
