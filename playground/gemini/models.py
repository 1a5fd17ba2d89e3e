"""The models that the local Gemini has, and what each of them refuses."""

from dataclasses import dataclass

from playground.gemini.wire import Json

METHODS = ("generateContent", "streamGenerateContent", "countTokens")


@dataclass(frozen=True)
class LocalModel:
    name: str
    title: str
    files_in_responses: bool = True
    ids_needed: bool = True
    """Calls and responses must carry ids when the model gave them; older models look at names alone."""
    levels: frozenset[str] = frozenset({"MINIMAL", "LOW", "MEDIUM", "HIGH"})
    """Of thinking; empty: it takes ``thinkingBudget`` instead."""

    @property
    def resource(self) -> Json:
        return {
            "name": f"models/{self.name}",
            "displayName": self.title,
            "version": "local",
            "inputTokenLimit": 1_048_576,
            "outputTokenLimit": 65_536,
            "supportedGenerationMethods": list(METHODS),
        }


MODELS = {
    model.name: model
    for model in (
        LocalModel("gemini-2.5-flash", "Gemini 2.5 Flash", False, False, frozenset()),
        LocalModel("gemini-3.5-flash-lite", "Gemini 3.5 Flash-Lite"),
        LocalModel("gemini-3.8-flash", "Gemini 3.8 Flash", levels=frozenset({"LOW", "MEDIUM", "HIGH"})),
    )
}
