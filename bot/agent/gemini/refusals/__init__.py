"""The model's API refuses a request for its tools: which are to blame, and what is remembered of it."""
