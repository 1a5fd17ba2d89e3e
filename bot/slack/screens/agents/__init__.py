"""Agents of a workspace: what admins make, what members grant, whom they ask."""
