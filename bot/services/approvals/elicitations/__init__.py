"""What servers ask people in the middle of a call: asked, answered, closed."""

from bot.services.approvals.elicitations.elicitations import Elicitations
from bot.services.approvals.elicitations.outcomes import ASKED, CLOSED

__all__ = ["ASKED", "CLOSED", "Elicitations"]
