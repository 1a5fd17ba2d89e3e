"""Names with digits, dates and ids in them are no secrets; tokens of the services there are, and passwords, are."""

import base64
import hashlib
import random
import string

import pytest

from bot.services.links import Draft
from bot.slack.edge import command_words as words
from bot.slack.edge.command_words import looks_secret
from bot.slack.screens.talking import help as usage
from tests.support.slack import DM, OWNER, Usher, said

NAMES = """
customer-onboarding-2026-11
production-database-eu-west-1
staging_database_us_east_2_replica
2026-11-28T15:30:00Z
2026-11-28-weekly-planning
q4-2026-okr-review-v2
CustomerOnboardingNovember2026
customeronboarding2026
interview-with-candidate-17-round-2
sprint-112-retro
release-v2.14.0-rc1
mcp-server-filesystem-0.6.2
kubernetes-cluster-prod-eu-central-1b
https://mcp.example.com/mcp
https://mcp.eu-west-1.example.com:8443/v1/mcp
http://127.0.0.1:8080/mcp
my-github-enterprise-server-3
PostgreSQL17-analytics-warehouse
supabase-project-abcdefghij
550e8400-e29b-41d4-a716-446655440000
018f6b1c-7a2e-7c3d-9a4b-2f1e0d9c8b7a
invoice-2026-000123
ticket-JIRA-10482
room-4.17b-building-12
hackathon2026berlinteam12
Windows11MigrationHelpdesk
eu-central-1-prod-rds-42
s3-eu-w1-q4-2026-v2
sk-learn-notebooks-2026
npm-packages-registry-mirror
npm_packages_2026
hf_models_europe_2026
token-rotation-runbook-2026
secret-santa-2026-planning
xapp-staging
donaudampfschifffahrtsgesellschaft
RechtsschutzversicherungsGesellschaften
iOSAppStoreConnect
feature/login-2fa-v3
+49-30-901820-1234
team.lead@example-company-2026.com
4711-0815-2026
GitHubEnterpriseCloud2026
thursday-standup-9am-pst-week48
""".strip().splitlines()

ALNUM = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits


def drawn(seed: str, size: int, letters: str = ALNUM) -> str:
    return "".join(random.Random(seed).choices(letters, k=size))  # noqa: S311


def shapes(seed: str) -> list[str]:
    """Made up anew, so that none is anybody's."""
    hexes = hashlib.sha256(seed.encode()).hexdigest()
    coded = base64.b64encode(hashlib.sha512(seed.encode()).digest()).decode()
    return [
        f"xoxb-{drawn(seed, 12, string.digits)}-{drawn(seed, 13, string.digits)}-{drawn(seed, 24)}",
        f"xoxp-{drawn(seed, 12, string.digits)}-{drawn(seed, 32, LOWER)}",
        f"xoxe.xoxp-1-{drawn(seed, 40)}",
        f"xapp-1-A0{drawn(seed, 9)}-{drawn(seed, 13, string.digits)}-{hexes}",
        f"ghp_{drawn(seed, 36)}",
        f"gho_{drawn(seed, 36)}",
        f"ghs_{drawn(seed, 36)}",
        f"github_pat_{drawn(seed, 22)}_{drawn(seed, 59)}",
        f"glpat-{drawn(seed, 20)}",
        f"sbp_{hexes[:40]}",
        f"sb_secret_{drawn(seed, 22)}_{drawn(seed, 8)}",
        f"AIza{drawn(seed, 35)}",
        f"AKIA{drawn(seed, 16, string.ascii_uppercase + string.digits)}",
        f"eyJ{drawn(seed, 30)}.eyJ{drawn(seed, 60)}.{drawn(seed, 43)}",
        f"ya29.{drawn(seed, 60)}",
        f"sk-{drawn(seed, 48)}",
        f"sk-proj-{drawn(seed, 64)}",
        f"sk-ant-api03-{drawn(seed, 80)}",
        f"sk_live_{drawn(seed, 24)}",
        f"rk_test_{drawn(seed, 24)}",
        f"whsec_{drawn(seed, 32)}",
        f"SG.{drawn(seed, 22)}.{drawn(seed, 43)}",
        f"hf_{drawn(seed, 34)}",
        f"npm_{drawn(seed, 36)}",
        f"pypi-AgEIcHlwaS5vcmc{drawn(seed, 60)}",
        f"dckr_pat_{drawn(seed, 27)}",
        f"ntn_{drawn(seed, 46)}",
        f"secret_{drawn(seed, 43)}",
        f"shpat_{hexes[:32]}",
        f"lin_api_{drawn(seed, 40)}",
        f"figd_{drawn(seed, 40)}",
        f"dop_v1_{hexes}",
        f"{drawn(seed, 10, string.digits)}:AA{drawn(seed, 33)}",
        hexes,
        hexes[:32],
        hexes[:40],
        coded[:40],
        coded,
        drawn(seed, 20),
        drawn(seed, 24, LOWER),
        drawn(seed, 32, string.ascii_letters),
        "-".join(drawn(f"{seed}{group}", 5, LOWER.upper()) for group in range(5)),
        f"Bearer {drawn(seed, 20)}",
        f"password: {drawn(seed, 12)}",
        f"https://admin:{drawn(seed, 12)}@db.example.com",
        f"https://mcp.example.com/mcp?key={drawn(seed, 24)}",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_with_digits_is_no_secret(name: str) -> None:
    assert not looks_secret(f"revoke {name}")


@pytest.mark.parametrize("seed", ["one", "two", "three", "four"])
def test_a_token_is_known_by_its_shape(seed: str) -> None:
    assert [shape for shape in shapes(seed) if not looks_secret(f"connect custom {shape}")] == []


def test_no_token_slips_through_by_a_blank_that_nobody_sees() -> None:
    token = shapes("hidden")[4]
    assert looks_secret(token[:8] + "\u200b" + token[8:])


@pytest.mark.parametrize("blank", ["\t", "\n", "\u00a0", "\u200b", "\ufeff", "\u2060", "\u202f", " \u200b "])
def test_any_blank_parts_the_words(blank: str) -> None:
    verb, rest = words.split(f"{blank}revoke{blank}customer onboarding{blank}")
    assert (words.meant(verb, words.TEMPCHAT), rest) == ("revoke", "customer onboarding")


def test_what_joins_the_parts_of_an_emoji_stays() -> None:
    assert words.split("create 👨\u200d👩\u200d👧 day")[1] == "👨\u200d👩\u200d👧 day"


async def test_a_link_with_a_date_in_its_name_can_be_revoked(usher: Usher) -> None:
    await usher.services.links.create(usher.member, Draft("customer-onboarding-2026-11"))
    await usher.slack.command(OWNER, DM, "/tempchat revoke customer-onboarding-2026-11")
    question = await usher.message_with("Revoke customer-onboarding-2026-11?")
    assert usage.REFUSED not in said(question)
