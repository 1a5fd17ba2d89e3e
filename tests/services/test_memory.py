"""What is kept of a turn and what is not, how it is cut, and how it gets its vectors."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.agent.embeddings.embedder import Later, NoEmbeddings
from bot.agent.embeddings.gemini import GeminiEmbedder, batches
from bot.services.limits.budgets.budgets import Budgets
from bot.services.memory import Memory, NotNoted
from bot.services.memory.chunks import SIZE, chunks
from bot.services.memory.values import LONGEST_NOTE, MOST_NOTES
from bot.services.memory.worth import HIDDEN, is_text, without_secrets
from playground.gemini import Failure
from run_cards import CARDS, RunCard
from storage.database import Database
from storage.members import Member
from storage.repositories.memories.memories import Piece
from storage.schema import now
from tests.services.house import OTHER, OWNER, House, allow
from tests.services.workshop import Workshop
from tests.storage import rows
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted

RETRY_IN_7 = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7s"}]
MODEL = "gemini-embedding-2"


async def cards_of(_: Member):
    return CARDS


def memory(house: House, gemini: Scripted, model: str = MODEL) -> Memory:
    return Memory(house.db, house.bus, gemini.model, GeminiEmbedder(gemini.model.line, model), cards_of)


def test_records_and_tables_stay_readable_and_nothing_is_too_long() -> None:
    issues = [{"number": n, "title": f"Bug {n}", "labels": [], "body": "x " * 100} for n in range(30)]
    found = chunks(json.dumps(issues))
    assert all(any(f"number: {n}, title: Bug {n}, body:" in chunk for chunk in found) for n in range(30))
    table = "| city | people |\n|---|---|\n" + "\n".join(f"| town {n} | {n} |" for n in range(300))
    assert all(chunk.startswith("| city | people |") for chunk in chunks(table))
    for text in (
        "",
        "[]",
        "null",
        '"x"',
        "3",
        "a" * 10_000,
        "word " * 5_000,
        "[[[1]]]",
        "[" * 5_000,
        "[" * 900 + "]" * 900,
    ):
        assert all(len(chunk) <= SIZE + 1 for chunk in chunks(text))


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-123456789012-abcdefghijkl",
        "ghp_0123456789abcdefghij0123456789abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "AIzaSyA0123456789abcdefghijklmnopqrstuv",
    ],
)
def test_secrets_are_left_out_wherever_they_stand(secret: str) -> None:
    for text in (f"the key is {secret}.", json.dumps({"value": secret}), f"url?key={secret}&x=1"):
        assert secret not in without_secrets(text) and HIDDEN in without_secrets(text)


def test_values_with_telling_names_are_left_out_and_the_rest_stays() -> None:
    kept = without_secrets('{"user": "ann", "db_password": "hunter22", "port": 5432} postgres://ann:pw123@db/x')
    assert "hunter22" not in kept and "pw123" not in kept and '"user": "ann"' in kept and '"port": 5432' in kept
    assert not is_text("iVBORw0KGgoAAAANSUhEUgAA" * 50) and is_text("東京都の天気は晴れです。" * 50)


async def test_every_text_has_a_vector_of_its_own_with_either_model(gemini: Scripted) -> None:
    for model in ("gemini-embedding-001", MODEL):
        vectors = await GeminiEmbedder(gemini.model.line, model).documents(["red", "green", "blue"])
        assert len({tuple(vector) for vector in vectors}) == 3
    assert gemini.server.embedded[-1][0] == "title: none | text: red"
    assert [len(batch) for batch in batches(["x"] * 250)] == [100, 100, 50]
    assert [len(batch) for batch in batches(["x" * 40_000] * 3)] == [1, 1, 1]


async def test_a_full_quota_says_when_to_come_back_and_a_refusal_that_it_is_no_use(gemini: Scripted) -> None:
    gemini.server.refusing.append(Failure(429, "RESOURCE_EXHAUSTED", "later", RETRY_IN_7))
    with pytest.raises(Later) as later:
        await GeminiEmbedder(gemini.model.line, MODEL).query("x")
    assert later.value.seconds == 7
    with pytest.raises(NoEmbeddings) as refused:
        await GeminiEmbedder(gemini.model.line, "gemini-embedding-9").query("words of a member")
    assert "words of a member" not in str(refused.value)


async def pieces_of(db: Database, count: int) -> None:
    chat = await rows.conversation(db)
    async with db.begin() as tables:
        await tables.memories.add(OWNER, chat.id, [Piece(f"number {n}") for n in range(count)], now())


async def waiting(db: Database) -> int:
    async with db.read() as tables:
        return await tables.vectors.waiting()


@on_each_engine
async def test_a_quota_costs_no_try_and_what_is_refused_again_and_again_is_given_up(
    house: House, gemini: Scripted
) -> None:
    await pieces_of(house.db, 120)
    here = memory(house, gemini)
    gemini.server.refusing.append(Failure(429, "RESOURCE_EXHAUSTED", "later", RETRY_IN_7))
    await here.remembering.work()
    assert "7 s" in here.remembering.trouble and await waiting(house.db) == 120
    await _all_due(house.db)
    await here.remembering.work()
    assert here.remembering.trouble == "" and await waiting(house.db) == 0
    assert [len(batch) for batch in gemini.server.embedded] == [100, 20]
    wrong = memory(house, gemini, "gemini-embedding-9")
    await wrong.remembering.work()
    assert "404" in wrong.remembering.trouble and await waiting(house.db) == 120
    for _ in range(14):  # those that were refused more often come last
        await _all_due(house.db)
        await wrong.remembering.work()
    assert await waiting(house.db) == 0


async def _all_due(db: Database) -> None:
    """As after the time that they have to wait."""
    import sqlalchemy as sa

    from storage.tables import Memory as Row

    async with db.begin() as tables:
        early = now() - timedelta(seconds=1)
        await tables.session.execute(sa.update(Row).where(Row.due_at.is_not(None)).values(due_at=early))


@on_each_engine
async def test_who_is_found_by_meaning_pays_for_it_and_with_nothing_left_is_found_by_words(
    house: House, gemini: Scripted
) -> None:
    await pieces_of(house.db, 3)
    here, budgets = memory(house, gemini), Budgets(house.db)
    await here.remembering.work()
    first = (await budgets.mine(OWNER)).own
    assert first.requests == 1 and first.prompt and first.money and first.estimated == 1 and not first.turns
    await here.searching.search(OWNER, "number")
    assert [name for name, _ in (await budgets.month(OWNER.workspace)).purposes] == ["embed"]
    assert (await budgets.mine(OWNER)).own.requests == 2
    await budgets.limit(OWNER, OWNER.id, 0)
    await pieces_of(house.db, 5)  # two of them new
    await here.remembering.work()
    found = await here.searching.search(OWNER, "number")
    assert found.words_only and found.hits and await waiting(house.db) == 2
    assert (await budgets.mine(OWNER)).own.requests == 2 and here.remembering.trouble == ""


@on_each_engine
async def test_two_that_embed_at_once_share_the_work_and_do_none_twice(house: House, gemini: Scripted) -> None:
    import asyncio

    await pieces_of(house.db, 250)
    await asyncio.gather(*(memory(house, gemini).remembering.work() for _ in range(2)))
    told = [text for batch in gemini.server.embedded for text in batch]
    assert len(told) == len(set(told)) == 250 and await waiting(house.db) == 0


@on_each_engine
async def test_results_are_kept_and_guests_are_not(house: House, gemini: Scripted, workshop: Workshop) -> None:
    workshop.built += ["a birdhouse", "a look-out"]
    await allow(house, await house.connect(workshop.url), "look", "always")
    guest, _ = await house.guest()
    async with house.worker():
        gemini.will_call(("shop__look", {}))
        gemini.will_say("It is a workshop.")
        await house.say("look at the workshop")
        await house.face.after()
        gemini.will_say("Dear guest.")
        await house.chats.say_as_guest(guest, "what is in the workshop?", "one")
        await house.face.after(2)
    async with house.db.read() as tables:
        assert [chat.door for _, chat in await tables.forgetting.unremembered(9)] == ["slack"]
    here = memory(house, gemini)
    await here.remembering.work()
    found = (await here.searching.search(OWNER, "workshop look guest dear", most=20)).hits
    assert {hit.kind for hit in found} == {"said", "answer", "tool"}
    assert {hit.source for hit in found} == {"", "Shop: Look"} and "guest" not in str([hit.text for hit in found])
    assert (await here.searching.search(OTHER, "workshop")).hits == []
    await here.remembering.work()
    assert (await here.of(OWNER)).memories == len(found)


async def test_what_the_tools_of_a_private_card_give_is_not_kept(
    house: House, gemini: Scripted, workshop: Workshop
) -> None:
    workshop.built.append("a birdhouse")
    await allow(house, await house.connect(workshop.url), "look", "always")
    async with house.worker():
        gemini.will_call(("shop__look", {}))
        gemini.will_say("Somebody builds.")
        await house.say("look at the workshop")
        await house.face.after()

    async def private(_: Member) -> tuple[RunCard, ...]:
        return tuple(replace(card, private=True) for card in CARDS)

    embedder = GeminiEmbedder(gemini.model.line, MODEL)
    here = Memory(house.db, house.bus, gemini.model, embedder, private)
    await here.remembering.work()
    found = (await here.searching.search(OWNER, "workshop birdhouse builds", most=20)).hits
    assert {hit.kind for hit in found} == {"said", "answer"}


@on_each_engine
async def test_notes_are_short_few_and_each_kept_once(house: House, gemini: Scripted) -> None:
    notes = memory(house, gemini).notes
    first = await notes.add(OWNER, "I like  tables\n and lists")
    assert first.text == "I like tables and lists"
    for wrong in ("", " \u200b ", "x" * (LONGEST_NOTE + 1), "I LIKE tables, and lists!", "password: hunter2hunter2"):
        with pytest.raises(NotNoted):
            await notes.add(OWNER, wrong)
    for number in range(MOST_NOTES - 1):
        await notes.add(OWNER, f"note number {number}")
    with pytest.raises(NotNoted, match="no more"):
        await notes.add(OWNER, "one more")
    with pytest.raises(NotNoted):
        await notes.forget(OTHER, first.id)
    assert (await notes.forget(OWNER, first.id)).text == first.text
