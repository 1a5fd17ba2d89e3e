"""Budgets are kept in money: is the price of the model known?"""

from bot.agent.gemini.known_models import utc_today
from bot.doctor.finding import Finding, warn
from bot.services.limits.prices import price_of
from bot.settings import Settings

SUBJECT = "price"
FOUND = "what {model} costs is not known, so budgets count it as the dearest model that is"
CURE = "nothing has to be done; budgets in money are met sooner (bot/services/limits/prices.py has the prices)"


async def price(settings: Settings) -> list[Finding]:
    """Without a doubt nothing is said."""
    names = dict.fromkeys([settings.gemini_model, settings.gemini_fallback_model])
    unknown = [name for name in names if name and price_of(name, utc_today()) is None]
    return [warn(SUBJECT, FOUND.format(model=" and ".join(unknown)), CURE)] if unknown else []
