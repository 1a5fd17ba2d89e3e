"""Ask an open session for what it offers beside tools; capped, and past the response cache."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

from mcp import Client, MCPError, UriTemplate, types
from pydantic import ValidationError

from mcp_runtime.left_out import MARK
from mcp_runtime.offerings import values
from mcp_runtime.offerings.values import Argument, Offerings, Prompt, Template
from mcp_runtime.tools.asking.rounds import Answers, in_rounds
from mcp_runtime.tools.results import told_to_model
from mcp_runtime.tools.tools import ToolResult
from mcp_runtime.tools.untrusted_text import clipped, shown, visible

MOST, MOST_PAGES = 200, 10
LONGEST_PROMPT = 12_000
"""Characters of all its messages."""
MOST_CHOICES = 50
COMPLETES_WITHIN = 2.0
"""Seconds: somebody waits for the form, and a server that does not know the question may be silent."""
NONE = (types.METHOD_NOT_FOUND,)
SAYS = {"user": "", "assistant": "Assistant: "}

Found = TypeVar("Found")
Page = tuple[Iterable[Any], str | None]


async def offerings(client: Client) -> Offerings:
    """What is not offered at all is an empty list; raises `MCPError` for anything else."""
    resources, more_resources = await _all(lambda at: _resources(client, at), values.resource)
    templates, more_templates = await _all(lambda at: _templates(client, at), values.template)
    prompts, more_prompts = await _all(lambda at: _prompts(client, at), values.prompt)
    cut = more_resources or more_templates or more_prompts
    return Offerings(tuple(resources), tuple(templates), tuple(prompts), cut)


async def contents(client: Client, server: str, uri: str) -> ToolResult:
    """As a tool's result: bounded, marked as a stranger's, with its files."""

    async def sent(answers: Answers, state: str | None) -> types.ReadResourceResult | types.InputRequiredResult:
        return await client.session.read_resource(
            uri, input_responses=answers, request_state=state, allow_input_required=True
        )

    read = await in_rounds(client, sent)
    content: list[types.ContentBlock] = [
        types.EmbeddedResource(type="resource", resource=each) for each in read.contents
    ]
    unread = {key: value for key, value in (read.meta or {}).items() if key == MARK}
    return await told_to_model(server, types.CallToolResult(content=content, _meta=unread))


async def prompt_text(client: Client, name: str, arguments: Mapping[str, str]) -> tuple[str, bool]:
    """All its messages as one text, and whether it was cut."""

    async def sent(answers: Answers, state: str | None) -> types.GetPromptResult | types.InputRequiredResult:
        return await client.session.get_prompt(
            name, dict(arguments), input_responses=answers, request_state=state, allow_input_required=True
        )

    given = await in_rounds(client, sent)
    text = ""
    for each in given.messages:
        said = _said(each)
        text = "\n\n".join(filter(None, (text, said)))
        if len(text) > LONGEST_PROMPT:
            break
    return clipped(text, LONGEST_PROMPT), len(text) > LONGEST_PROMPT


async def choices(client: Client, of: Template | Prompt, argument: Argument) -> list[str]:
    """All values that it may have, by the server's own completion; empty when it knows none, or not all."""
    reference: types.ResourceTemplateReference | types.PromptReference = (
        types.ResourceTemplateReference(type="ref/resource", uri=of.uri)
        if isinstance(of, Template)
        else types.PromptReference(type="ref/prompt", name=of.name)
    )
    try:  # some complete and do not say so
        async with asyncio.timeout(COMPLETES_WITHIN):
            found = (await client.complete(reference, {"name": argument.name, "value": ""})).completion
    except (MCPError, ValidationError, TimeoutError):
        return []  # a form without choices is a form all the same
    told = [each for each in found.values if 0 < len(each) <= 75 and visible(each) == each]
    whole = not found.has_more and len(told) == len(found.values) <= MOST_CHOICES
    return list(dict.fromkeys(told)) if whole else []


def expanded(template: str, given: Mapping[str, str]) -> str:
    """The address of one resource. Raises `ValueError` when the template cannot be read."""
    return UriTemplate.parse(template).expand(dict(given))


def _said(message: types.PromptMessage) -> str:
    block = message.content
    if isinstance(block, types.TextContent):
        text = block.text
    elif isinstance(block, types.EmbeddedResource) and isinstance(block.resource, types.TextResourceContents):
        text = f"{block.resource.uri}:\n{block.resource.text}"
    elif isinstance(block, types.ResourceLink):
        text = str(block.uri)
    else:
        text = f"({block.type}, left out)"
    return SAYS.get(message.role, "") + shown(text, 2 * LONGEST_PROMPT)


async def _all(
    ask: Callable[[str | None], Awaitable[Page]], shown: Callable[[Any], Found | None]
) -> tuple[list[Found], bool]:
    """All that can be shown, and whether there is more; ends where a page leads back to one that was seen."""
    found: list[Found] = []
    cursors: list[str | None] = [None]
    while len(cursors) <= MOST_PAGES and len(found) < MOST:
        try:
            page, cursor = await ask(cursors[-1])
        except MCPError as error:
            if error.code in NONE and cursors == [None]:
                return [], False
            raise
        found += [each for one in page if (each := shown(one)) is not None]
        if not cursor or cursor in cursors:
            return found[:MOST], len(found) > MOST
        cursors.append(cursor)
    return found[:MOST], True


async def _resources(client: Client, cursor: str | None) -> Page:
    page = await client.list_resources(cursor=cursor)
    return page.resources, page.next_cursor


async def _templates(client: Client, cursor: str | None) -> Page:
    page = await client.list_resource_templates(cursor=cursor)
    return page.resource_templates, page.next_cursor


async def _prompts(client: Client, cursor: str | None) -> Page:
    page = await client.list_prompts(cursor=cursor)
    return page.prompts, page.next_cursor
