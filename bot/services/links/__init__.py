"""Temporary chat links: handed out by members, used by guests, ended by either or by time."""

from bot.services.links.links import Links
from bot.services.links.values import Candidate, Created, Draft, Guest, Started, Terms

__all__ = ["Candidate", "Created", "Draft", "Guest", "Links", "Started", "Terms"]
