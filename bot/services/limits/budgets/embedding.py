"""What it costs to find by meaning: paid by those whose words are embedded, as any request to the model is."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bot.services.limits import prices
from bot.services.limits.budgets.accounts import EMBEDDING, of_member
from bot.services.limits.budgets.ledger import Ledger
from bot.services.limits.budgets.took import BYTES, Took
from storage.members import Member
from storage.schema import new_id, now


@asynccontextmanager
async def paid(
    ledger: Ledger, member: Member, model: str, texts: Sequence[str], *, patient: bool
) -> AsyncIterator[None]:
    """Set aside before what is asked within, settled after it, for nothing where that fails; raises `Refused`.

    The API does not say how many tokens it read, so they are estimated. ``patient``: wait for what others set aside.
    """
    took, number = _estimated(model, texts), new_id()
    account = of_member(member.workspace, member.id).made_for(EMBEDDING)
    await ledger.reserve(account, number, took.prompt, took.money, patient=patient)
    done = Took(model)
    try:
        yield
        done = took
    finally:
        await ledger.settle(member.workspace, number, done)


def _estimated(model: str, texts: Sequence[str]) -> Took:
    took = Took(model, unpriced="" if prices.price_of(model, now().date()) else model)
    took.guessed(sum(-(-len(text.encode(errors="replace")) // BYTES) for text in texts), 0)
    return took
