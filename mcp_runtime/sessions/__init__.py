"""Open sessions with servers: one owner task each, pooled, rested after failures, called."""
