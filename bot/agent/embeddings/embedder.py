"""What is asked of whoever turns texts into vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass
class Later(Exception):
    """Nothing is wrong with the texts: ask again after so many seconds."""

    seconds: float


class NoEmbeddings(Exception):
    """The key, the model or a text is refused: asking again changes nothing. The text is for administrators."""


class Embedder(Protocol):
    """Vectors are of any length above nought; both ways raise `Later` and `NoEmbeddings`."""

    @property
    def tag(self) -> str:
        """Model and dimensions: vectors of two have nothing to do with each other."""

    @property
    def model(self) -> str:
        """By which its price is known."""

    async def documents(self, texts: Sequence[str]) -> list[list[float]]:
        """One for each text, in order."""

    async def query(self, text: str) -> list[float]: ...
