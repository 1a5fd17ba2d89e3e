"""Mail: a few short messages to people who have no other way to be reached."""

from bot.mail.codes import CodesByMail
from bot.mail.server import MailRefused, MailServer

__all__ = ["CodesByMail", "MailRefused", "MailServer"]
