"""Databases: a small server of ours runs here, in a sandbox that reaches the database's host and nothing else."""
