"""Slack calls round guests: their threads, and links handed over."""
