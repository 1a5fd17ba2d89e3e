"""What guests' questions cost: set aside before each request to the model, settled after it."""

from bot.services.links.spending.metered import Metered
from bot.services.links.spending.scopes import Allowances
from bot.services.links.spending.spending import Spending

__all__ = ["Allowances", "Metered", "Spending"]
