"""The local server speaks the real protocol, and refuses what the real one refuses."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from google.genai import Client, errors, types
from google.genai.types import Content, FunctionCall, FunctionDeclaration, FunctionResponse, GenerateContentConfig, Part

from bot.agent.gemini.client import Line
from playground.gemini import Failure, LocalGemini, Reply, call, start, text, thought
from playground.gemini.signatures import Signatures
from tests.support.gemini import FALLBACK, MODEL, Scripted

SIGNATURE = bytes(range(240, 256)) * 3  # encodes differently in the standard and the url-safe alphabet


@pytest.fixture
async def client(gemini: Scripted) -> AsyncIterator[Client]:
    line = Line("key", gemini.server.url, None)
    yield await line.client()
    await line.close()


def user(*parts: Part) -> Content:
    return Content(role="user", parts=list(parts))


def question() -> Content:
    return user(Part(text="weather?"))


def calls(signature: bytes | None = SIGNATURE) -> Content:
    first = Part(function_call=FunctionCall(id="a", name="weather", args={}), thought_signature=signature)
    return Content(role="model", parts=[first, Part(function_call=FunctionCall(id="b", name="weather", args={}))])


def response(id: str | None, name: str = "weather") -> Part:
    return Part(function_response=FunctionResponse(id=id, name=name, response={"output": 1}))


async def ask(client: Client, *contents: Content, model: str = MODEL, **config: Any) -> Any:
    given: list[Any] = list(contents)
    return await client.aio.models.generate_content(
        model=model, contents=given, config=GenerateContentConfig(**config) if config else None
    )


async def complaint(client: Client, *contents: Content, **options: Any) -> str:
    with pytest.raises(errors.ClientError) as caught:
        await ask(client, *contents, **options)
    assert (caught.value.code, caught.value.status) == (400, "INVALID_ARGUMENT")
    return caught.value.message or ""


def declared(*declarations: FunctionDeclaration) -> list[types.Tool]:
    return [types.Tool(function_declarations=list(declarations))]


def function(name: str, schema: Any) -> FunctionDeclaration:
    return FunctionDeclaration(name=name, parameters_json_schema=schema)


def one(schema: Any, **defined: Any) -> FunctionDeclaration:
    return function("a", {"type": "object", "properties": {"x": schema}} | ({"$defs": defined} if defined else {}))


LOOP = {"type": "object", "properties": {"next": {"$ref": "#/$defs/X"}}, "required": ["next"]}


def nested(levels: int) -> dict[str, Any]:
    return {"type": "object", "properties": {"in": nested(levels - 1)}} if levels else {"type": "string"}


async def test_a_whole_answer(gemini: Scripted, client: Client) -> None:
    gemini.script(Reply([[thought("hm"), text("Hel")], [text("lo")]], finish="MAX_TOKENS"))
    answer = await ask(client, question())
    assert answer.text == "Hello"
    assert answer.candidates[0].finish_reason.value == "MAX_TOKENS"
    assert answer.usage_metadata.thoughts_token_count == 3


async def test_tokens_are_counted(client: Client) -> None:
    assert (await client.aio.models.count_tokens(model=MODEL, contents="12345678")).total_tokens == 3


async def test_a_blocked_prompt_has_no_candidates(gemini: Scripted, client: Client) -> None:
    gemini.script(Reply([[]], blocked="PROHIBITED_CONTENT"))
    answer = await ask(client, question())
    assert answer.candidates is None
    assert answer.prompt_feedback.block_reason.value == "PROHIBITED_CONTENT"


async def test_models_are_listed_and_got_until_they_retire(gemini: Scripted, client: Client) -> None:
    gemini.server.retired.add(MODEL)
    listed = [model.name async for model in await client.aio.models.list()]
    assert listed == [f"models/{FALLBACK}", "models/gemini-3.8-flash"]
    assert (await client.aio.models.get(model=FALLBACK)).name == f"models/{FALLBACK}"
    for name in (MODEL, "gemini-0"):
        with pytest.raises(errors.ClientError) as caught:
            await client.aio.models.get(model=name)
        assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND")
        with pytest.raises(errors.ClientError) as caught:
            await ask(client, question(), model=name)
        assert caught.value.code == 404


async def test_a_failure_carries_its_details(gemini: Scripted, client: Client) -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7s"}]
    gemini.script(Failure(429, "RESOURCE_EXHAUSTED", details=details, headers={"Retry-After": "7"}))
    with pytest.raises(errors.ClientError) as caught:
        await ask(client, question())
    assert caught.value.details["error"]["details"] == details
    assert caught.value.response.headers["Retry-After"] == "7"


async def test_calls_and_signature_go_there_and_back(gemini: Scripted, client: Client) -> None:
    parts = [call("weather", {}, id="a", signature=SIGNATURE), call("weather", {}, id="b")]
    gemini.script(Reply([parts]), Reply([[text("3 degrees")]]))
    model = (await ask(client, question())).candidates[0].content
    assert model.parts[0].thought_signature == SIGNATURE
    assert (await ask(client, question(), model, user(response("a"), response("b")))).text == "3 degrees"


@pytest.mark.parametrize(
    ("contents", "word"),
    [
        ([Content(role="tool", parts=[Part(text="hi")])], "role"),
        ([Content(role="user", parts=[])], "parts must not be empty"),
        ([user(Part())], "one initialized field"),
        ([Content(role="model", parts=[Part(text="hi")])], "first content"),
        ([question(), calls()], "number of function response parts is equal"),
        ([question(), Content(role="model", parts=[Part(text="hm")]), calls()], "immediately after a user turn"),
        ([question(), calls(), user(response("a"))], "number of function response parts is equal"),
        ([question(), calls(), user(response("a"), response("x"))], "the id and the name"),
        ([question(), calls(), user(response(None), response(None))], "the id and the name"),
        ([question(), calls(), user(response("a"), response("b", "other"))], "the id and the name"),
        ([question(), calls(), user(response("a"), response("b"), Part(text="!"))], "share their content"),
        ([question(), calls(None), user(response("a"), response("b"))], "missing a thought_signature"),
        ([question(), calls(SIGNATURE[:-1]), user(response("a"), response("b"))], "Corrupted thought signature"),
    ],
)
async def test_refused_contents(gemini: Scripted, client: Client, contents: list[Content], word: str) -> None:
    gemini.server.signatures.scripted.add(SIGNATURE)
    assert word in await complaint(client, *contents)


async def test_a_reference_in_a_result_is_taken_for_a_file(gemini: Scripted, client: Client) -> None:
    gemini.server.signatures.scripted.add(SIGNATURE)
    result = Part(function_response=FunctionResponse(id="a", name="weather", response={"at": [{"$ref": "users"}]}))
    assert "display_name" in await complaint(client, question(), calls(), user(result, response("b")))


async def test_signatures_of_earlier_turns_may_be_missing(gemini: Scripted, client: Client) -> None:
    gemini.will_say("fine")
    answer = Content(role="model", parts=[Part(text="3")])
    earlier = [question(), calls(None), user(response("a"), response("b")), answer]
    assert (await ask(client, *earlier, question())).text == "fine"


def test_a_signature_is_known_again_after_a_restart_but_not_by_another_model() -> None:
    encoded = text("", Signatures().sign(MODEL))["thoughtSignature"]
    assert Signatures().genuine(encoded, MODEL)
    assert not Signatures().genuine(encoded, FALLBACK)


@pytest.mark.parametrize(
    ("tools", "word"),
    [
        ([function("a" * 65, {"type": "object"})], "Invalid function name"),
        ([function("a b", {"type": "object"})], "Invalid function name"),
        (
            [function("a", {"type": "object"}), function("a", {"type": "object"})],
            "Duplicate function declaration found: a",
        ),
        ([function("a", {"type": "string"})], "should be of type OBJECT"),
        ([function("a", {"type": "object", "required": ["x"]})], "requires unspecified property 'x'"),
        ([function("a", {"type": "object", "properties": {"x": {"$ref": "#/$defs/X"}}})], "undefined schema"),
        ([function("a", {"type": "object", "properties": {"x": {"maxItems": 961}}})], "too many states"),
        ([function("a", nested(40))], "exceeds the maximum allowed nesting depth"),
        ([one({"enum": None})], "must not be null"),
        ([one({"type": "array"})], "properties.x.items: missing field."),
        ([one({"type": "array", "items": [{"type": "string"}]})], "use 'prefixItems' instead"),
        ([one({"$ref": "#/$defs/X", "description": "d"})], "$ref 'X' was set alongside unsupported fields."),
        ([one({"type": "str"})], "unknown type 'str'"),
        ([one({"pattern": "^a"})], "unsupported keyword 'pattern'"),
        ([one({"enum": [""]})], "properties.x.enum[0]: cannot be empty"),
        ([one({"$ref": "#/$defs/X"}, X=LOOP)], "recursive outside of optional properties"),
        ([function(f"t{i}", {"type": "object"}) for i in range(513)], "at most 512"),
    ],
)
async def test_refused_tools(client: Client, tools: list[FunctionDeclaration], word: str) -> None:
    assert word in await complaint(client, question(), tools=declared(*tools))


async def test_the_openapi_field_refuses_what_mcp_servers_commonly_send(client: Client) -> None:
    schema = types.Schema(type=types.Type.OBJECT, additional_properties=False)
    tools = declared(FunctionDeclaration(name="a", parameters=schema))
    assert "additional" in await complaint(client, question(), tools=tools)


@pytest.mark.parametrize(
    ("model", "thinking", "word"),
    [
        (MODEL, {"thinking_level": "LOW"}, "not supported"),
        (FALLBACK, {"thinking_budget": 0}, "not supported"),
        ("gemini-3.8-flash", {"thinking_level": "MINIMAL"}, "not supported"),
    ],
)
async def test_thinking_a_model_does_not_know_is_refused(
    client: Client, model: str, thinking: dict[str, Any], word: str
) -> None:
    config = types.ThinkingConfig(**thinking)
    assert word in await complaint(client, question(), model=model, thinking_config=config)


async def test_older_models_take_no_files_inside_responses(gemini: Scripted, client: Client) -> None:
    file = types.FunctionResponsePart.from_bytes(data=b"png", mime_type="image/png")
    given = FunctionResponse(id="a", name="weather", response={"output": 1}, parts=[file])
    told = [question(), calls(), user(Part(function_response=given), response("b"))]
    gemini.server.signatures.scripted.add(SIGNATURE)
    assert "not supported" in await complaint(client, *told)


@pytest.mark.parametrize(
    ("headers", "body", "status", "word"),
    [
        ({}, {"contents": []}, 403, "unregistered callers"),
        ({"x-goog-api-key": "k"}, {"contents": [], "tols": []}, 400, 'Unknown name "tols"'),
        ({"x-goog-api-key": "k"}, {"contents": [{"parts": [{"txt": ""}]}]}, 400, "at 'contents[0].parts[0]'"),
        ({"x-goog-api-key": "k"}, {}, 400, "contents is not specified"),
    ],
)
async def test_errors_have_geminis_shape(
    gemini: Scripted, headers: dict[str, str], body: Any, status: int, word: str
) -> None:
    url = f"{gemini.server.url}/v1/models/{MODEL}:generateContent"
    async with aiohttp.ClientSession() as session, session.post(url, json=body, headers=headers) as answer:
        error = (await answer.json())["error"]
    assert (answer.status, error["code"]) == (status, status)
    assert word in error["message"]


async def test_a_key_that_is_not_valid_is_refused_with_its_reason() -> None:
    async with LocalGemini(keys={"right"}) as server:
        line = Line("wrong", server.url, None)
        with pytest.raises(errors.ClientError) as caught:
            await ask(await line.client(), question())
        await line.close()
    assert caught.value.details["error"]["details"][0]["reason"] == "API_KEY_INVALID"


async def test_an_empty_script_says_so(client: Client) -> None:
    with pytest.raises(errors.ClientError, match="script is empty"):
        await ask(client, question())


async def test_it_starts_with_the_demo_model_and_a_script_comes_first() -> None:
    server = await start(pace=None)
    server.script.append(Reply([[text("scripted")]]))
    line = Line("key", server.url, None)
    said = [(await ask(await line.client(), question())).text for _ in range(2)]
    await line.close()
    await server.close()
    assert said[0] == "scripted" and "offline demo model" in said[1]


async def test_a_stream_keeps_its_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("playground.gemini.server.asyncio.sleep", sleep)
    async with LocalGemini(pace=50) as server:
        server.script.append(Reply([[text("one ")], [text("two ")], [text("three")]]))
        url = f"{server.url}/v1/models/{MODEL}:streamGenerateContent?alt=sse"
        body = {"contents": [{"parts": [{"text": "hi"}]}]}
        async with aiohttp.ClientSession() as session:
            answer = await session.post(url, json=body, headers={"x-goog-api-key": "k"})
            lines = (await answer.read()).split(b"\r\n\r\n")
    assert [line[:7] for line in lines] == [b"data: {", b"data: {", b"data: {", b""]
    assert [seconds for seconds in slept if seconds] == [0.02, 0.02]  # the server itself yields to others
