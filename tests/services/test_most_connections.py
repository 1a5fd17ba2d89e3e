"""Who has as many connections as are allowed is told which one they could do without."""

import pytest

from bot.errors import FormError
from mcp_runtime.tools.tools import ToolCall
from run_cards import custom
from tests.services.house import OWNER, House
from tests.services.workshop import Workshop


async def test_the_limit_names_the_connection_that_was_used_least_lately(house: House, workshop: Workshop) -> None:
    house.connections._saving._max = 2
    for name in ("Shop", "Other"):
        await house.connect(workshop.url, name)
    await (await house.pool.toolset(OWNER)).call(ToolCall("1", "shop__look"))
    await house.pool.close()  # what was called is recorded by now
    with pytest.raises(FormError, match=r"2 are allowed\. Disconnect one first: Other was used least lately"):
        await house.connections.begin(OWNER, custom.CARD, {"name": "Third", "url": workshop.url})
