"""The first word in a workspace, and what is done when Usher is taken out of it."""
