"""Codes by mail: a real SMTP server takes them, by TLS alone, and what it refuses is told to whom it helps."""

import asyncio
import email
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from slack_sdk.web.async_client import AsyncWebClient

from bot.doctor.mail_check import mail
from bot.foundations.chat_links import couriers_of
from bot.mail.codes import CodesByMail
from bot.mail.server import MailRefused, MailServer
from bot.services.links.admission.values import NotSent
from bot.settings import Settings, SettingsError
from storage.tables import Link
from tests.mcp_runtime.servers import self_signed
from tests.support.accepting import TURNS
from tests.support.ports import free_port

NEEDED = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "GEMINI_API_KEY": "key"}
FROM = "usher@example.org"
LINK = Link(title="Plan\r\nBcc: everybody@example.com «für Anna»", access="mail", addressee="anna@example.com")


@dataclass
class Inbox:
    """What has arrived; nobody whose name begins with «nobody» has a box here."""

    letters: list[Envelope] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)
    signed_in: list[bool] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        if address.startswith("nobody"):
            return "550 no such box"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        self.letters.append(envelope)
        self.signed_in.append(session.authenticated)
        self.secured.append(session.ssl is not None or server.transport.get_extra_info("sslcontext") is not None)
        return "250 OK"

    def letter(self) -> Any:
        return email.message_from_bytes(bytes(self.letters[-1].content or b""), policy=default)


def _let_in(server: Any, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (b"us@er", b"p:a/ss")
    return AuthResult(success=right, handled=False)


class Server(Controller):
    """That of the library leaves open whoever is connected still, and a later test is told of it."""

    def stop(self, no_assert: bool = False) -> None:
        asyncio.run_coroutine_threadsafe(self._cut_off(), self.loop).result(60)
        super().stop(no_assert)

    async def _cut_off(self) -> None:
        loop: Any = self.loop
        if self.server:
            self.server.close()
        for _ in range(2):  # who was accepted last is known some turns later, and closed as many after that
            for _ in range(TURNS):
                await asyncio.sleep(0)
            for each in list(loop._transports.values()):
                each.abort()


@contextmanager
def running(inbox: Inbox, **more: Any) -> Iterator[int]:
    where = {"hostname": "127.0.0.1", "port": free_port(), "ready_timeout": 60.0}
    controller = Server(inbox, server_hostname="mail.test", **where, **more)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The certificate of a server that this machine trusts."""
    context = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "host.pem"))
    return context


async def test_a_code_arrives_by_tls_from_the_first_byte_signed_in(trusted: ssl.SSLContext) -> None:
    inbox = Inbox()
    with running(inbox, ssl_context=trusted, authenticator=_let_in, auth_require_tls=False) as port:
        server = MailServer.at(f"smtps://us%40er:p%3Aa%2Fss@127.0.0.1:{port}")
        await CodesByMail(server, FROM)(LINK, "123456", "en")
    letter = inbox.letter()
    assert inbox.signed_in == [True]
    assert inbox.letters[0].rcpt_tos == ["anna@example.com"] and inbox.letters[0].mail_from == FROM
    assert (letter["To"], letter["From"]) == ("anna@example.com", f"Usher <{FROM}>")
    assert "123456" in letter["Subject"] and letter["Bcc"] is None
    assert "123456" in letter.get_content() and "«für Anna»" in letter.get_content()
    assert "everybody" not in str(letter.items())


async def test_a_code_arrives_by_starttls_and_never_without(trusted: ssl.SSLContext) -> None:
    inbox = Inbox()
    with running(inbox, tls_context=trusted, require_starttls=True) as port:
        await CodesByMail(MailServer("127.0.0.1", port, "by_request"), FROM)(LINK, "123456", "en")
    assert inbox.secured == [True]
    with running(inbox) as port, pytest.raises(MailRefused, match="no TLS"):
        await MailServer("127.0.0.1", port, "by_request").probe()
    assert len(inbox.letters) == 1


async def test_a_letter_is_in_the_language_of_the_page_that_asked_for_the_code() -> None:
    inbox = Inbox()
    with running(inbox) as port:
        await CodesByMail(MailServer.at(f"smtp://127.0.0.1:{port}"), FROM)(LINK, "123456", "ja")
    letter = inbox.letter()
    assert letter["Subject"] == "チャットのコード：123456" and letter["Content-Language"] == "ja"
    assert "有効期間は 10 分" in letter.get_content()


async def test_a_certificate_that_nobody_vouches_for_gets_no_password(tmp_path: Path) -> None:
    inbox = Inbox()
    refused = pytest.raises(MailRefused, match="certificate is not good")
    with running(inbox, ssl_context=self_signed(tmp_path)) as port, refused:
        await MailServer.at(f"smtps://user:secret-word@127.0.0.1:{port}").probe()
    assert inbox.letters == []


async def test_who_has_no_box_there_is_known_for_good_and_a_server_that_is_away_is_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with running(Inbox()) as port:
        by_mail = CodesByMail(MailServer.at(f"smtp://127.0.0.1:{port}"), FROM)
        with pytest.raises(NotSent) as refused:
            await by_mail(Link(title="x", addressee="nobody@example.com"), "123456", "en")
    assert refused.value.for_good
    with pytest.raises(NotSent) as away:
        await by_mail(LINK, "123456", "en")
    assert not away.value.for_good
    ours = str([each.getMessage() for each in caplog.records if each.name.startswith("bot.")])
    assert "not sent by mail" in ours and not any(each in ours for each in ("nobody@", "anna@", "123456"))


async def test_doctor_says_whether_mail_goes_out(trusted: ssl.SSLContext) -> None:
    with running(Inbox(), ssl_context=trusted, authenticator=_let_in, auth_require_tls=False) as port:
        for password, state in (("p%3Aa%2Fss", "ok"), ("other-word", "bad")):
            url = f"smtps://us%40er:{password}@127.0.0.1:{port}"
            (found,) = await mail(Settings.read(NEEDED | {"SMTP_URL": url, "MAIL_FROM": FROM}))
            assert found.state == state and password not in str(found)
    assert "does not take user and password (535)" in found.found
    assert await mail(Settings.read(NEEDED)) == []


@pytest.mark.parametrize(
    "given",
    [
        {"SMTP_URL": "smtps://mail.example.org"},
        {"MAIL_FROM": FROM},
        {"SMTP_URL": "https://u:secret-word@mail.example.org", "MAIL_FROM": FROM},
        {"SMTP_URL": "smtps://u:secret-word@:465", "MAIL_FROM": FROM},
        {"SMTP_URL": "smtps://mail.example.org/inbox", "MAIL_FROM": FROM},
        {"SMTP_URL": "smtps://mail.example.org", "MAIL_FROM": "Usher"},
        {"SMTP_URL": "smtps://mail.example.org", "MAIL_FROM": "a@b.com, c@d.com"},
    ],
)
def test_settings_that_cannot_send_are_told_without_their_secret(given: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as wrong:
        Settings.read(NEEDED | given)
    assert {line.split()[0] for line in wrong.value.lines} <= {"SMTP_URL", "MAIL_FROM"}
    assert "secret-word" not in str(wrong.value)


async def test_the_house_offers_mail_where_a_server_is_named_and_members_always() -> None:
    client = AsyncWebClient()
    given = {"SMTP_URL": "smtps://u:secret-word@mail.example.org", "MAIL_FROM": FROM}
    assert set(couriers_of(Settings.read(NEEDED | given), client)) == {"member", "mail"}
    assert set(couriers_of(Settings.read(NEEDED), client)) == {"member"}
    assert "secret-word" not in repr(Settings.read(NEEDED | given))
