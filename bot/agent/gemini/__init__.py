"""Gemini, spoken to with its own function calling. ``google.genai`` is imported only when it is first asked."""

from bot.agent.gemini.model import Gemini

__all__ = ["Gemini"]
