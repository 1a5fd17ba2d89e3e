"""`batchEmbedContents`, as strict as Google: its limits, one vector a content, dimensions, task types."""

from playground.gemini.hashing import vector
from playground.gemini.script import Failure
from playground.gemini.wire import Json

VERB = "batchEmbedContents"
MODELS = {"gemini-embedding-001": 2_048, "gemini-embedding-2": 8_192}
"""And how many tokens of a text each reads; what is longer is cut without a word."""
TASKS = frozenset(
    {
        "RETRIEVAL_QUERY",
        "RETRIEVAL_DOCUMENT",
        "SEMANTIC_SIMILARITY",
        "CLASSIFICATION",
        "CLUSTERING",
        "CODE_RETRIEVAL_QUERY",
        "QUESTION_ANSWERING",
        "FACT_VERIFICATION",
    }
)
WHOLE = 3_072
MOST = 100


def embedded(model: str, body: Json) -> Json | Failure:
    """One vector for each request of the batch."""
    requests = body.get("requests") or []
    if complaint := _complaint(model, requests):
        return Failure(400, "INVALID_ARGUMENT", complaint)
    return {"embeddings": [{"values": _values(model, each)} for each in requests]}


def _complaint(model: str, requests: list[Json]) -> str:
    if not requests:
        return "* BatchEmbedContentsRequest.requests: must not be empty"
    if len(requests) > MOST:
        return f"* BatchEmbedContentsRequest.requests: at most {MOST} requests can be in one batch"
    return next((complaint for each in requests if (complaint := _of_one(model, each))), "")


def _of_one(model: str, each: Json) -> str:
    if each.get("model") != f"models/{model}":
        return "the model of a request is not the model of the batch"
    if not _text(each).strip():
        return "content is empty"
    task = each.get("taskType")
    if task is not None and (task not in TASKS or model == "gemini-embedding-2"):
        return f"task type {task} is not taken by {model}"
    if not 128 <= each.get("outputDimensionality", WHOLE) <= WHOLE:
        return f"outputDimensionality must be between 128 and {WHOLE}"
    return ""


def _values(model: str, each: Json) -> list[float]:
    """Of 001 a vector that was cut short is not of length 1; of 2 it is."""
    size = each.get("outputDimensionality", WHOLE)
    values = vector(_text(each)[: MODELS[model] * 4], size)
    return values if model == "gemini-embedding-2" or size == WHOLE else [0.7 * value for value in values]


def _text(each: Json) -> str:
    return "\n".join(part.get("text", "") for part in each.get("content", {}).get("parts", []))
