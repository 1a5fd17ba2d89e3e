"""A dead link gives nothing away by what it costs either: each is asked about in the same way, to the same end."""

from tests.support.statements import counted
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import House
from tests.web.test_first_looks import stored
from tests.web.test_invitations import dead_links

__all__ = ["dead_links"]


async def test_looking_at_any_dead_link_asks_the_database_the_same(house: House, dead_links: dict[str, str]) -> None:
    costs = {}
    for state, url in dead_links.items():
        with counted(house.db) as asked:
            assert (await Caller(house.url).ask("GET", url, headers=PAGE)).status == 404
        costs[state] = tuple(asked)
    assert costs.pop("malformed") == (), "what cannot be a link is refused before any question"
    assert len(set(costs.values())) == 1, costs


async def test_pressing_start_on_any_dead_link_leaves_nothing_behind(house: House, dead_links: dict[str, str]) -> None:
    before = await stored(house)
    for state, url in dead_links.items():
        caller = Caller(house.url)
        assert (await caller.start(url)).status == 404
        assert caller.cookies == {}, state
    assert await stored(house) == before
