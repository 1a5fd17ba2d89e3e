"""Keep a conversation acceptable to Gemini: joined parts, paired calls, whole signatures.

Messages are Gemini's REST JSON; one of the model also says in ``model`` whose signatures it carries.
"""

import base64
import json
from collections.abc import Iterable, Sequence
from typing import Any

from bot.agent.gemini.known_models import ModelCard
from bot.agent.model import Message

Part = dict[str, Any]

LOST = "No result was recorded: the turn was interrupted. The call may or may not have happened."
# Google's own word for a call that it did not sign itself.
PLACEHOLDER = base64.urlsafe_b64encode(b"skip_thought_signature_validator").decode()


def joined(parts: Iterable[Part]) -> list[Part]:
    """Merge neighbouring text deltas of one kind; a signed part stays exactly as it came."""
    out: list[Part] = []
    for part in parts:
        if _blank(part):
            continue
        if out and _plain(out[-1]) and _plain(part) and out[-1].get("thought") == part.get("thought"):
            out[-1] = {**out[-1], "text": out[-1]["text"] + part["text"]}
        else:
            out.append(part)
    return out


def _plain(part: Part) -> bool:
    return "text" in part and "thoughtSignature" not in part


def _blank(part: Part) -> bool:
    return not part or (_plain(part) and not part["text"])


def text_of(parts: Sequence[Part]) -> str:
    """Words, without thoughts."""
    return "".join(part["text"] for part in parts if part.get("text") and not part.get("thought"))


def calls_in(message: Message) -> list[dict[str, Any]]:
    return [part["functionCall"] for part in message.get("parts", []) if "functionCall" in part]


def responses_in(message: Message) -> list[dict[str, Any]]:
    return [part["functionResponse"] for part in message.get("parts", []) if "functionResponse" in part]


def response_part(call_id: str, name: str, response: dict[str, Any]) -> Part:
    # The id goes back as it came, even when there was none: an invented one is refused.
    return {"functionResponse": {**({"id": call_id} if call_id else {}), "name": name, "response": admitted(response)}}


def admitted(response: dict[str, Any]) -> dict[str, Any]:
    """What holds keys such as ``$ref`` goes as text: Gemini takes them for files of its own and refuses the rest."""
    if any(key.startswith("$") for key in response):
        return {"output": json.dumps(response, ensure_ascii=False)}
    return {key: _without_dollars(value) for key, value in response.items()}


def _without_dollars(value: Any) -> Any:
    """As text when it has such keys; of a result with its source, only the member that has them."""
    if not isinstance(value, dict) or not _has_dollars(value):
        return json.dumps(value, ensure_ascii=False) if _has_dollars(value) else value
    if any(key.startswith("$") for key in value) or not {"source", "result"} <= value.keys():
        return json.dumps(value, ensure_ascii=False)
    return {key: _without_dollars(inside) for key, inside in value.items()}


def _has_dollars(value: Any) -> bool:
    ahead = [value]
    while ahead:
        node = ahead.pop()
        if isinstance(node, dict):
            if any(key.startswith("$") for key in node):
                return True
            ahead += node.values()
        elif isinstance(node, list):
            ahead += node
    return False


def paired(history: Iterable[Message]) -> list[Message]:
    """Answer every call once, drop results that answer nothing, and open with the person."""
    out: list[Message] = []
    for message in history:
        if not message.get("parts") or (not out and (message.get("role") != "user" or responses_in(message))):
            continue
        if out and (open_calls := calls_in(out[-1])):
            out.append(_answers(open_calls, responses_in(message)))
        if not responses_in(message):
            out.append(message)
    if out and (open_calls := calls_in(out[-1])):
        out.append(_answers(open_calls, []))
    return out


def _answers(calls: list[dict[str, Any]], responses: list[dict[str, Any]]) -> Message:
    left = list(responses)
    return {"role": "user", "parts": [_answer(call, left) for call in calls]}


def _answer(call: dict[str, Any], left: list[dict[str, Any]]) -> Part:
    for response in left:
        if (response.get("id"), response.get("name")) == (call.get("id"), call.get("name")):
            left.remove(response)
            return {"functionResponse": {**response, "response": admitted(response.get("response") or {})}}
    return response_part(call.get("id", ""), call.get("name", ""), {"error": LOST})


def fit_for(card: ModelCard, history: Sequence[Message]) -> list[Message]:
    """The history as this model takes it: its own signatures, and files where it can read them."""
    out: list[Message] = []
    for message in paired(history):
        foreign = message.get("role") == "model" and message.get("model") != card.name
        parts = _resigned(message["parts"]) if foreign else message["parts"]
        files = [] if card.media_in_results else _files(parts)
        if files:
            parts = [_without_files(part) for part in parts]
        out.append({"role": message["role"], "parts": parts})
        if files:
            out.append({"role": "user", "parts": files})
    return [message for message in out if message["parts"]]


def _resigned(parts: list[Part]) -> list[Part]:
    """Signatures do not travel between models, and each step with calls needs one."""
    bare = [{key: value for key, value in part.items() if key != "thoughtSignature"} for part in parts]
    first = next((part for part in bare if "functionCall" in part), None)
    if first is not None:
        first["thoughtSignature"] = PLACEHOLDER
    return [part for part in bare if not _blank(part)]


def _files(parts: list[Part]) -> list[Part]:
    """Files out of function responses, each under a line that says whose it is."""
    found: list[Part] = []
    for part in parts:
        response = part.get("functionResponse", {})
        for file in response.get("parts", []):
            found += [{"text": f"[file returned by {response['name']}]"}, file]
    return found


def _without_files(part: Part) -> Part:
    response = part.get("functionResponse")
    if not response:
        return part
    return {"functionResponse": {key: value for key, value in response.items() if key != "parts"}}
