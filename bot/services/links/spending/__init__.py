"""What guests' questions cost: on whose accounts it goes, and who hears of it when little is left."""

from bot.services.links.spending.scopes import Allowances
from bot.services.links.spending.spending import Spending

__all__ = ["Allowances", "Spending"]
