"""What is asked of the model is paid for: set aside before each request, settled once after it, in one ledger."""

from bot.services.limits.budgets.accounts import Account
from bot.services.limits.budgets.ledger import Ledger
from bot.services.limits.budgets.metered import Metered
from bot.services.limits.budgets.took import Took

__all__ = ["Account", "Ledger", "Metered", "Took"]
