"""Gemini's embeddings: one content a text, batches that the API takes, and when to come back."""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from aiohttp import ClientError

from bot.agent.embeddings.embedder import Embedder, Later, NoEmbeddings
from bot.agent.gemini.client import Line

BATCH = 100
"""Texts a request: one more is refused."""
BATCH_CHARACTERS = 60_000
"""Some 20,000 tokens; the API takes 4 MiB."""
LONGEST = 6_000
"""Characters of one text: what is longer than the older models read would be cut in silence."""
DIMENSIONS = 768
USUAL_WAIT, LONGEST_WAIT = 60.0, 3_600.0
"""Seconds; quotas are a minute long."""


class GeminiEmbedder(Embedder):
    def __init__(self, line: Line, model: str, dimensions: int = DIMENSIONS) -> None:
        self._line = line
        self._model = model
        self._dimensions = dimensions

    @property
    def tag(self) -> str:
        return f"{self._model}:{self._dimensions}"

    @property
    def model(self) -> str:
        return self._model

    async def documents(self, texts: Sequence[str]) -> list[list[float]]:
        found: list[list[float]] = []
        for batch in batches([self._as_document(text) for text in texts]):
            found += await self._batch(batch, "RETRIEVAL_DOCUMENT")
        return found

    async def query(self, text: str) -> list[float]:
        asked = f"task: search result | query: {text}" if self._by_prefix else text
        (vector,) = await self._batch([asked[:LONGEST]], "RETRIEVAL_QUERY")
        return vector

    @property
    def _by_prefix(self) -> bool:
        """From 2 on the task is said in the text, and ``task_type`` is not for it."""
        return "embedding-001" not in self._model

    def _as_document(self, text: str) -> str:
        return (f"title: none | text: {text}" if self._by_prefix else text)[:LONGEST]

    async def _batch(self, texts: Sequence[str], task: str) -> list[list[float]]:
        client = await self._line.client()
        from google.genai import errors, types

        kind = None if self._by_prefix else task
        config = types.EmbedContentConfig(output_dimensionality=self._dimensions, task_type=kind)
        # A list of strings would become the parts of one content for this model: one vector for all, in silence.
        contents: list[types.ContentUnion] = [types.Content(parts=[types.Part(text=text)]) for text in texts]
        try:
            answer = await client.aio.models.embed_content(model=self._model, contents=contents, config=config)
        except errors.APIError as error:
            if error.code in (408, 429) or error.code >= 500:
                raise Later(_delay(error.details)) from None
            # Its own text may quote what was to be embedded.
            raise NoEmbeddings(f"{self._model} was refused with {error.code} {error.status or ''}".strip()) from None
        except (ClientError, OSError, TimeoutError):  # what they say may name a proxy
            raise Later(USUAL_WAIT) from None
        vectors = [list(each.values or []) for each in answer.embeddings or []]
        if len(vectors) != len(texts) or any(len(each) != self._dimensions for each in vectors):
            raise NoEmbeddings(f"{self._model} gave other vectors than were asked for")
        return vectors


def batches(texts: Sequence[str]) -> Iterator[list[str]]:
    held: list[str] = []
    for text in texts:
        if held and (len(held) == BATCH or sum(map(len, held)) + len(text) > BATCH_CHARACTERS):
            yield held
            held = []
        held.append(text)
    if held:
        yield held


def _delay(details: object) -> float:
    """Seconds that ``RetryInfo`` asks for, else a minute."""
    error = details.get("error") if isinstance(details, dict) else None
    told = error.get("details") if isinstance(error, dict) else None
    for each in told if isinstance(told, list) else ():
        if isinstance(each, dict) and str(each.get("@type", "")).endswith("RetryInfo"):
            with suppress(ValueError):
                return min(LONGEST_WAIT, max(1.0, float(str(each.get("retryDelay", "")).removesuffix("s"))))
    return USUAL_WAIT
