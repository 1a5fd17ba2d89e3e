"""Secrets of our own making: their forms, and the tokens by which programs act for a member."""

from bot.services.tokens.forms import Kind, at_rest, derive, digits, matches, mint, parse, server_key

__all__ = ["Kind", "at_rest", "derive", "digits", "matches", "mint", "parse", "server_key"]
