"""A small offline model: it chooses among the declared functions by words, and says what it is."""

from playground.gemini.demo.model import answer

__all__ = ["answer"]
