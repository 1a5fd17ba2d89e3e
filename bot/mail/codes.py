"""The code of a link for one address of mail goes there."""

import logging
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from bot.mail.server import MailRefused, MailServer
from bot.services.links.admission.values import NotSent
from storage.tables import Link

log = logging.getLogger(__name__)

SENDER = "Usher"
SUBJECT = "Your code for a chat: {code}"
TEXT = """{code} is your code for the chat “{title}”.

It is good for 10 minutes, and only on the page that asked for it.
If you did not ask for it, you need do nothing. Please tell it nobody.
"""


class CodesByMail:
    def __init__(self, server: MailServer, sender: str) -> None:
        self._server = server
        self._sender = sender

    async def __call__(self, link: Link, code: str) -> None:
        try:
            await self._server.send(self._letter(link, code))
        except MailRefused as error:
            log.warning("a code was not sent by mail: %s", error)
            raise NotSent(for_good=error.for_good) from None

    def _letter(self, link: Link, code: str) -> EmailMessage:
        letter = EmailMessage()
        letter["Subject"] = SUBJECT.format(code=code)
        letter["From"] = Address(SENDER, addr_spec=self._sender)
        letter["To"] = Address(addr_spec=link.addressee)
        letter["Date"] = formatdate()
        letter["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        letter["Auto-Submitted"] = "auto-generated"  # no holiday answers, please
        letter.set_content(TEXT.format(code=code, title=link.title))
        return letter
