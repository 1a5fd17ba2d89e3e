"""Names that Gemini does not know: it refuses a request that has one."""

from collections.abc import Iterator

from playground.gemini.wire import Json, snake, value

BODY = {
    "model",
    "contents",
    "tools",
    "toolConfig",
    "safetySettings",
    "systemInstruction",
    "generationConfig",
    "cachedContent",
}
CONTENT = {"role", "parts"}
PART = {
    "text",
    "thought",
    "thoughtSignature",
    "inlineData",
    "fileData",
    "functionCall",
    "functionResponse",
    "executableCode",
    "codeExecutionResult",
    "videoMetadata",
}
CALL = {"id", "name", "args"}
RESPONSE = {"id", "name", "response", "parts", "willContinue", "scheduling"}
TOOL = {"functionDeclarations", "googleSearch", "codeExecution", "urlContext"}
DECLARATION = {"name", "description", "parameters", "parametersJsonSchema", "response", "responseJsonSchema"}


def unknown_names(body: Json) -> Iterator[str]:
    yield from _strange(body, BODY, "")
    for i, content in enumerate(body.get("contents") or []):
        yield from _strange(content, CONTENT, f"contents[{i}]")
        for j, part in enumerate(content.get("parts") or []):
            where = f"contents[{i}].parts[{j}]"
            yield from _strange(part, PART, where)
            yield from _strange(value(part, "functionCall") or {}, CALL, f"{where}.function_call")
            yield from _strange(value(part, "functionResponse") or {}, RESPONSE, f"{where}.function_response")
    for i, tool in enumerate(body.get("tools") or []):
        yield from _strange(tool, TOOL, f"tools[{i}]")
        for j, declaration in enumerate(value(tool, "functionDeclarations") or []):
            yield from _strange(declaration, DECLARATION, f"tools[{i}].function_declarations[{j}]")


def _strange(node: Json, known: set[str], where: str) -> Iterator[str]:
    for name in node.keys() - known - {snake(each) for each in known}:
        place = f" at '{where}'" if where else ""
        yield f'Invalid JSON payload received. Unknown name "{name}"{place}: Cannot find field.'
