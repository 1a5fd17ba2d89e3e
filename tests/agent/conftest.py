"""Fixtures of the agent's tests."""

from tests.support.gemini import demo, gemini

__all__ = ["demo", "gemini"]
