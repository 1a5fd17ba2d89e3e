"""A server that takes mail (SMTP), reached anew for each message and always by TLS, this machine's own apart."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    import smtplib

SECONDS = 15.0
"""For each step: a guest waits for it."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PORTS = {"smtp": 587, "smtps": 465}


class MailRefused(Exception):
    """It was not taken. The text is for who runs Usher, and holds neither address nor password.

    ``for_good``: the recipient is unknown there, and will be the next time too.
    """

    def __init__(self, text: str, *, for_good: bool = False) -> None:
        super().__init__(text)
        self.for_good = for_good


@dataclass(frozen=True)
class MailServer:
    host: str
    port: int
    tls: str
    """at_once | by_request (STARTTLS) | none"""
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def at(cls, url: str) -> "MailServer":
        """``smtp://user:password@host:587`` or ``smtps://…:465``; raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname or parts.path not in ("", "/") or parts.query:
            raise ValueError("no address of a mail server")
        tls = "at_once" if parts.scheme == "smtps" else "none" if parts.hostname in LOOPBACK else "by_request"
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname, parts.port or PORTS[parts.scheme], tls, user, password)

    async def send(self, message: EmailMessage) -> None:
        """Raises `MailRefused`."""
        await asyncio.to_thread(self._send, message)

    async def probe(self) -> None:
        """As far as one comes without a message; raises `MailRefused`."""
        await asyncio.to_thread(self._send, None)

    def _send(self, message: EmailMessage | None) -> None:
        import smtplib  # most houses send no mail

        try:
            with self._open() as session:
                if message is not None:
                    session.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise MailRefused(f"it does not take the recipient ({codes[0]})", for_good=codes[0] >= 500) from None
        except smtplib.SMTPAuthenticationError as error:
            raise MailRefused(f"it does not take user and password ({error.smtp_code})") from None
        except smtplib.SMTPResponseException as error:
            raise MailRefused(f"it refuses ({error.smtp_code})") from None
        except smtplib.SMTPNotSupportedError:
            raise MailRefused("it offers no TLS, or no way to sign in") from None
        except ssl.SSLError as error:
            raise MailRefused(f"its certificate is not good, or it speaks no TLS ({error.reason})") from None
        except (smtplib.SMTPException, OSError) as error:
            raise MailRefused(f"it does not answer as a mail server does ({type(error).__name__})") from None

    @contextmanager
    def _open(self) -> "Iterator[smtplib.SMTP]":
        import smtplib

        context = ssl.create_default_context()
        # By hand: a machine without a full name waits for DNS for seconds, and tells what it is called inside.
        us = "[127.0.0.1]"
        if self.tls == "at_once":
            session: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, us, timeout=SECONDS, context=context)
        else:
            session = smtplib.SMTP(self.host, self.port, us, timeout=SECONDS)
        with session:
            if self.tls == "by_request":
                # Raises where it is not offered: who takes the offer away on the wire gets no password in the clear.
                session.starttls(context=context)
            if self.user:
                session.login(self.user, self.password)
            yield session
