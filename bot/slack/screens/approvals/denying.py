"""A no with its reason."""

from bot.services.approvals.deciding import LONGEST_REASON
from bot.slack.screens.approvals.buttons import Shown
from bot.slack.screens.approvals.calls import headlines
from bot.slack.screens.blocks.elements import View, context, field, modal, section, text_input
from storage.tables import Approval

FORM = "approval_reason"
REASON = "reason"
TITLE = "Deny, and say why"
HINT = "I read it as your words, and go on from there."
SEEN = "It is shown under the question, to everybody who sees that."


def form(approval: Approval) -> View:
    box = text_input(multiline=True, placeholder="Only the open ones, please.", most=LONGEST_REASON)
    lines = "\n".join(headlines(approval.calls, 10))
    metadata = Shown(approval.id, approval.revision).value
    blocks = [section(lines), field(REASON, "Why not?", box, hint=HINT), context(SEEN)]
    return modal(TITLE, blocks, callback_id=FORM, submit="Deny", close="Back", metadata=metadata)
