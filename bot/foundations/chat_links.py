"""Chat links, put together from the settings: who brings codes, what may be spent, where guests reach them."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.foundations.foundations import plain
from bot.mail.codes import CodesByMail
from bot.mail.server import MailServer
from bot.services.limits.keeping import Kept
from bot.services.links import Links, Terms
from bot.services.links.admission.values import MAIL, MEMBER, Couriers
from bot.services.links.spending import Allowances
from bot.services.links.uploads.values import FileTerms
from bot.settings import Settings
from bot.slack.acts.admins import Admins
from bot.slack.acts.guests.channels import ChannelsBySlack
from bot.slack.acts.guests.codes import CodesBySlack
from storage.bus.bus import Bus
from storage.database import Database


def open_links(
    settings: Settings, db: Database, bus: Bus, client: AsyncWebClient, key: bytes, may_spend: Allowances
) -> Links:
    couriers = couriers_of(settings, client)
    hours = (settings.tempchat_default_hours, settings.tempchat_max_hours, settings.tempchat_keep_days * 24)
    admins = Admins(client, settings.usher_admins)
    files, work = file_terms(settings), settings.tempchat_proof_of_work
    terms = Terms(*hours, mail=MAIL in couriers, link_cents=may_spend.link_cents, files=files, work=work)
    return Links(
        db,
        bus,
        base_url=base_url(settings),
        master_key=key,
        terms=terms,
        couriers=couriers,
        allowed=may_spend,
        channels=ChannelsBySlack(client),
        is_admin=admins.member,
    )


def couriers_of(settings: Settings, client: AsyncWebClient) -> Couriers:
    """They bring one-time codes to those whom links are for."""
    url, sender = plain(settings.smtp_url), settings.mail_from
    by_mail: Couriers = {MAIL: CodesByMail(MailServer.at(url), sender)} if url and sender else {}
    return {MEMBER: CodesBySlack(client), **by_mail}


def allowances(settings: Settings) -> Allowances:
    link, day = round(settings.tempchat_link_usd * 100), round(settings.tempchat_day_usd * 100)
    return Allowances(link_cents=link, day_cents=day, day_tokens=settings.tempchat_day_tokens)


def file_terms(settings: Settings) -> FileTerms:
    """Which files guests may send."""
    return FileTerms(
        most=settings.tempchat_files,
        megabytes=settings.tempchat_file_mb,
        kinds=settings.tempchat_file_kinds,
        day_megabytes=settings.tempchat_files_day_mb,
    )


def kept_of(settings: Settings) -> Kept:
    """For how long things are kept here: at most, and where nobody chose less."""
    return Kept(settings.conversations_keep_days, settings.tempchat_keep_days, settings.audit_keep_days)


def base_url(settings: Settings) -> str:
    """Where guests reach the pages; on this machine alone when nothing else is said."""
    return settings.public_base_url or settings.own_url
