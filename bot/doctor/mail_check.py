"""The mail server: does it take us, with TLS and our password?"""

from bot.doctor.finding import Finding, bad, ok
from bot.mail.server import MailRefused, MailServer
from bot.settings import Settings

SUBJECT = "mail"
CURE = "correct SMTP_URL: smtps:// for TLS at once (465), smtp:// for STARTTLS (587), signs in user and password as %40"


async def mail(settings: Settings) -> list[Finding]:
    """Nothing is sent. Without a server nothing is said: most do without."""
    if settings.smtp_url is None or settings.mail_from is None:
        return []
    server = MailServer.at(settings.smtp_url.get_secret_value())
    try:
        await server.probe()
    except MailRefused as error:
        return [bad(SUBJECT, f"{server.host}:{server.port} sends no codes: {error}", CURE)]
    return [ok(SUBJECT, f"{server.host}:{server.port} takes it, from {settings.mail_from}")]
