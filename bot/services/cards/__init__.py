"""The cards that a member may connect: ours, the installation's, and those of administrators for their workspace."""

from bot.services.cards.drafts import Draft
from bot.services.cards.looking import Looked
from bot.services.cards.shelf import Shelf
from bot.services.cards.workspace_cards import CardView, WorkspaceCards

__all__ = ["CardView", "Draft", "Looked", "Shelf", "WorkspaceCards"]
