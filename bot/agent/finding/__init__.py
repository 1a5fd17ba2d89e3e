"""Tools too many to declare: which of them fit what is wanted, and one of our own that finds the others."""

from bot.agent.finding.offering import Offering, offered
from bot.agent.finding.shelf import Shelf

__all__ = ["Offering", "Shelf", "offered"]
