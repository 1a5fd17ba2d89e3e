"""Who did what, for administrators: looked through, verified, given out, and its head kept elsewhere."""
