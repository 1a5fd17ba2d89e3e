"""The code of a link for one address of mail goes there."""

import logging
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from bot import words
from bot.mail.server import MailRefused, MailServer
from bot.services.links.admission.values import NotSent
from bot.words import Words
from storage.tables import Link

log = logging.getLogger(__name__)

SENDER = "Usher"


class CodesByMail:
    def __init__(self, server: MailServer, sender: str) -> None:
        self._server = server
        self._sender = sender

    async def __call__(self, link: Link, code: str, language: str) -> None:
        try:
            await self._server.send(self._letter(link, code, words.of(language)))
        except MailRefused as error:
            log.warning("a code was not sent by mail: %s", error)
            raise NotSent(for_good=error.for_good) from None

    def _letter(self, link: Link, code: str, words: Words) -> EmailMessage:
        letter = EmailMessage()
        letter["Subject"] = words("mail.subject", code=code)
        letter["From"] = Address(SENDER, addr_spec=self._sender)
        letter["To"] = Address(addr_spec=link.addressee)
        letter["Date"] = formatdate()
        letter["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        letter["Auto-Submitted"] = "auto-generated"  # no holiday answers, please
        told = [words("mail.code", code=code, title=link.title), "", words("mail.lasts"), words("mail.unasked")]
        letter.set_content("\n".join([*told, ""]))
        letter["Content-Language"] = words.language.code
        return letter
