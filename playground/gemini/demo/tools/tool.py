"""A declared function, taken apart: what it does, to what, for which server, and what it needs to know."""

import re
from dataclasses import dataclass
from typing import Any

from playground.gemini.demo.hearing.vocabulary import DEEDS, FILLERS, READING, SAME, plural, words
from playground.gemini.wire import Json, value

TITLES = {"github": "GitHub", "usher": "Usher", "gitlab": "GitLab", "supabase": "Supabase"}
NAMING = frozenset({"title", "name", "label", "subject", "slug"})
FREE = frozenset(
    {"text", "content", "body", "message", "query", "q", "sql", "question", "prompt", "input", "description"}
)


@dataclass(frozen=True)
class Parameter:
    name: str
    schema: Json
    needed: bool

    @property
    def kind(self) -> str:
        """Of its values: zone, clock, day, place, number, choice, flag, list, object, repository, name, text."""
        name, about = self.name.lower(), str(self.schema.get("description", ""))
        if self.schema.get("enum"):
            return "choice"
        typed = {"integer": "number", "number": "number", "boolean": "flag", "array": "list", "object": "object"}
        if found := typed.get(str(self.schema.get("type"))):
            return found
        if "timezone" in name or "time_zone" in name or name in ("tz", "zone") or "IANA" in about:
            return "zone"
        if name == "time" or name.endswith("_time") or "HH:MM" in about:
            return "clock"
        if name in ("day", "date"):
            return "day"
        if name in ("city", "location", "place"):
            return "place"
        if name in ("owner", "repo", "repository"):
            return "repository"
        if "channel" in name:
            return "channel"
        return "name" if name in NAMING else "free" if name in FREE else "text"

    @property
    def spoken(self) -> str:
        apart = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", self.name)
        return apart.replace("_", " ").replace("-", " ").lower()


@dataclass(frozen=True)
class Tool:
    name: str
    about: str
    parameters: tuple[Parameter, ...]

    @classmethod
    def declared(cls, declaration: Json) -> "Tool":
        schema: Any = value(declaration, "parametersJsonSchema") or {}
        properties = {k: v for k, v in schema.get("properties", {}).items() if isinstance(v, dict)}
        needed = set(schema.get("required", []))
        parameters = tuple(Parameter(name, kind, name in needed) for name, kind in properties.items())
        return cls(str(declaration["name"]), str(declaration.get("description", "")), parameters)

    @property
    def server(self) -> str:
        return self.name.rpartition("__")[0]

    @property
    def own(self) -> str:
        return self.name.rpartition("__")[2]

    @property
    def title(self) -> str:
        """Of its server."""
        return TITLES.get(self.server, self.server.replace("_", " ").replace("-", " ").title())

    @property
    def deed(self) -> str | None:
        """By the first word of its name that says so."""
        found = (SAME.get(word, word) for word in words(self.own))
        return next((word for word in found if word in DEEDS), None)

    @property
    def changes(self) -> bool:
        """Unless its name says that it only looks."""
        return self.deed not in READING

    @property
    def things(self) -> tuple[str, ...]:
        """What it does it to, in the singular: («chat», «link»)."""
        said = words(self.own)
        if self.deed is None:  # then its first word is the verb: «merge pull request»
            return tuple(said[1:])
        return tuple(w for w in said if SAME.get(w, w) not in DEEDS and w not in FILLERS)

    @property
    def thing(self) -> str:
        return " ".join(self.things) or "thing"

    @property
    def many(self) -> str:
        return plural(self.thing)

    @property
    def verb(self) -> str:
        """As its name has it: «create», not «add»."""
        said = words(self.own)
        return next((word for word in said if SAME.get(word, word) in DEEDS), said[0] if len(said) > 1 else "use")

    @property
    def phrase(self) -> str:
        """«list notes», «add a note», «get the current time»."""
        said = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", self.own).replace("_", " ").replace("-", " ").lower()
        verb, _, rest = said.partition(" ")
        if self.deed and SAME.get(verb, verb) not in DEEDS:
            verb, rest = self.verb, " ".join(word for word in said.split() if word != self.verb)
        if not rest or set(words(rest)) <= FILLERS or rest == "sql":
            return f"{verb} {rest}".strip()
        if self.deed in ("list", "search") or words(rest)[-1:] != rest.split()[-1:]:
            return f"{verb} {rest}"
        if verb == "convert":
            return f"{verb} a {rest}"
        article = "the" if rest.startswith("current") else "an" if rest[0] in "aeiou" else "a"
        return f"{verb} {article} {rest}"

    @property
    def needed(self) -> tuple[Parameter, ...]:
        return tuple(parameter for parameter in self.parameters if parameter.needed)

    def of_kind(self, kind: str) -> tuple[Parameter, ...]:
        return tuple(parameter for parameter in self.parameters if parameter.kind == kind)

    @property
    def names_a_thing(self) -> bool:
        """It works on one that is there already, and is told which by its name."""
        return self.deed in ("read", "get", "delete", "update", "revoke") and bool(self.of_kind("name"))


def lister(tools: tuple[Tool, ...], tool: Tool) -> Tool | None:
    """The tool of the same server that lists the things which ``tool`` takes one of."""
    return next(
        (
            each
            for each in tools
            if each.server == tool.server and each.deed == "list" and each.things == tool.things and not each.needed
        ),
        None,
    )
