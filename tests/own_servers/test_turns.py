"""A member asks, and the agent uses the cards for a database and for a REST API in one turn."""

import asyncpg

from bot.services.connections import Connected, TicketNeeded
from run_cards.apis import openapi
from run_cards.card import RunCard
from run_cards.databases import postgres as database
from storage.database import Database
from tests.own_servers.places import relayed
from tests.own_servers.web_services import running_shop
from tests.services.house import OWNER, House, open_house
from tests.support.gemini import Scripted, gemini
from tests.support.postgres import Postgres

__all__ = ["gemini"]


async def connected(house: House, card: RunCard, **values: str) -> Connected:
    made = await house.connections.begin(OWNER, card, values)
    if isinstance(made, TicketNeeded):
        made = await house.connections.begin_with_secrets(OWNER, card, values, {})
    assert isinstance(made, Connected)
    return made


async def test_a_turn_asks_a_database_and_a_service(sqlite_db: Database, gemini: Scripted, postgres: Postgres) -> None:
    with postgres.database() as url:
        shop = await asyncpg.connect(url.replace("+asyncpg", ""))
        await shop.execute("CREATE TABLE lamps AS SELECT n FROM generate_series(1, 7) n")
        name = await shop.fetchval("SELECT current_database()")
        await shop.close()
        async with (
            relayed(postgres.home / ".s.PGSQL.5432") as port,
            running_shop() as service,
            open_house(sqlite_db, gemini.model) as house,
        ):
            address = f"postgresql://postgres@127.0.0.1:{port}/{name}"
            await connected(house, database.CARD, address=address, tls="none")
            await connected(house, openapi.CARD, url=f"{service.address}/openapi.json")
            tools = {each.own_name: each.name for each in (await house.pool.toolset(OWNER)).tools}
            gemini.will_call((tools["query"], {"sql": "SELECT count(*) AS n FROM lamps"}))
            gemini.will_call((tools["getItem"], {"id": "7"}))
            gemini.will_say("Seven lamps, and item 7.")
            async with house.worker():
                await house.say("how many lamps are there, and what is item 7?")
                shown = await house.face.after()
    assert [body["state"] for body in shown.bodies("tool")] == ["started", "done"] * 2
    assert shown.text == "Seven lamps, and item 7."
    told = str(gemini.heard())
    assert "'rows': [{'n': 7}]" in told and "'path': 'items/7'" in told
    assert [each["path"] for each in service.asked] == ["/v1/items/7"]
