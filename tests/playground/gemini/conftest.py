"""Fixtures of the local Gemini's tests."""

from tests.support.gemini import demo, gemini

__all__ = ["demo", "gemini"]
