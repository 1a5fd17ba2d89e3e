"""Cards that an installation adds to the product's own, from a file of its operator's."""

from run_cards.installation.entries import MOST
from run_cards.installation.reading import Sources, Wrong, read

__all__ = ["MOST", "Sources", "Wrong", "read"]
