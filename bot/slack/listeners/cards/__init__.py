"""A workspace's own cards: what administrators do with them."""
