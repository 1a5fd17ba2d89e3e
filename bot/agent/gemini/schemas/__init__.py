"""Fit a tool's JSON Schema to Gemini: only what it refuses is changed, only towards looser, and told in words."""

from bot.agent.gemini.schemas.fitting import Unfit, fitted

__all__ = ["Unfit", "fitted"]
