"""Agents of a workspace: made and changed by admins, granted by members."""
