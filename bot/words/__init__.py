"""What guests read, in their language: catalogues of ICU messages, and the words made of them."""

from bot.words.accepting import accepted
from bot.words.languages import LANGUAGES, Language
from bot.words.words import Value, Words, of

__all__ = ["LANGUAGES", "Language", "Value", "Words", "accepted", "of"]
