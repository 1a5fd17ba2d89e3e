"""Agents, where they answer, and what they may do with connections."""
