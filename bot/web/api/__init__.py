"""The REST interface under /api/v1: one table of operations makes its routes and its description alike."""
