"""Slack calls round connections: opened, tested, asked for."""
