"""Requests made from the description of the public routes, sound and unsound, thrown at a house.

A process of its own: what makes them sets the dice of the process that it runs in.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

DESCRIPTION = Path(__file__).parents[3] / "docs" / "openapi.yaml"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
INNER = re.compile(
    r"Traceback|File \"|\.py\b.{0,9}line|sqlalchemy|asyncpg|sqlite3|has no attribute|/(?:home|root|work|usr)/"
)
"""What only somebody who runs Usher should read."""


UNHURRIED = settings(deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


@dataclass
class Target:
    """A house, and what those who throw hold: links' tokens, each guest's chat and cookie."""

    url: str
    tokens: Sequence[str]
    dead: Sequence[str]
    guests: Sequence[tuple[str, str, str]]
    """Of each guest: link id, name of the cookie, secret."""
    never: Sequence[str]
    """What no answer may hold: tokens, secrets, what other guests said."""
    api: dict[str, Any]
    """The description of the interface for programs."""
    programs: Sequence[str]
    """Access tokens: each may ask so often."""
    link: str
    """The id of one that they may see."""


def operations(api: dict[str, Any]) -> Iterator[Any]:
    """Of the pages, then of the interface for programs."""
    for described in (schemathesis.openapi.from_path(DESCRIPTION), schemathesis.openapi.from_dict(api)):
        for each in described.get_all_operations():
            yield each.ok()


def throw(target: Target, count: int, first_seed: int = 1) -> Counter[str]:
    """So many requests, divided among the routes; how many each got.

    Raises at the first whose answer is not as it should be.
    """
    thrown: Counter[str] = Counter()
    every = sorted(operations(target.api), key=lambda each: each.definition.raw["operationId"] in ("end", "delete"))
    bounds = settings(UNHURRIED, max_examples=max(1, count // (2 * len(every))))
    with requests.Session() as session:
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers["Accept-Encoding"] = "identity"
        for number, operation in enumerate(every):
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                with suppress(Unsatisfiable):  # where nothing is asked for, nothing can be wrong
                    _at(target, operation, mode, bounds, first_seed + number, session, thrown)
    return thrown


def _at(
    target: Target,
    operation: Any,
    mode: GenerationMode,
    bounds: settings,
    number: int,
    session: requests.Session,
    thrown: Counter[str],
) -> None:
    name = operation.definition.raw["operationId"]

    @seed(number)
    @bounds
    @given(case=operation.as_strategy(mode))
    def one(case: Any) -> None:
        turn = thrown[name]
        thrown[name] += 1
        headers, cookies = _held(target, case, name, turn)
        response = case.call(
            target.url, session=session, headers=headers, cookies=cookies, allow_redirects=False, timeout=60
        )
        case.validate_response(response, checks=CHECKS)
        _tells_nothing(target, response, name)

    one()


def _held(target: Target, case: Any, name: str, turn: int) -> tuple[dict[str, str], dict[str, str]]:
    """Every second request is of somebody who holds what is needed, so that it gets past the first door."""
    headers = {"Accept": ("text/html", "application/json", "*/*")[turn % 3]}
    given = case.path_parameters or {}
    if case.operation.path.startswith("/api/"):
        if "link_id" in given and name != "revokeLink" and turn % 2:
            given["link_id"] = target.link
        return headers | {"Authorization": f"Bearer {target.programs[turn % len(target.programs)]}"}, {}
    if turn % 2 and "token" in given:
        opens = name != "start" or turn % 4 == 3
        given["token"] = (target.tokens if opens else target.dead)[turn // 2 % 2]
        # With a link that opens, Start comes from another site: no press of ours uses up a session.
        headers["Sec-Fetch-Site"] = "cross-site" if name == "start" and opens else "same-origin"
    elif turn % 2 and "link_id" in given:
        link_id, cookie, secret = target.guests[turn // 2 % len(target.guests)]
        given["link_id"] = link_id
        headers["Sec-Fetch-Site"] = "same-origin"
        return headers, {cookie: secret}
    return headers, {}


def _tells_nothing(target: Target, response: Any, name: str) -> None:
    told = response.text + "\n".join(f"{key}: {value}" for key, value in response.headers.items())
    assert not INNER.search(told), (name, told[:500])
    assert [secret[:6] for secret in target.never if secret in told] == [], (name, response.status_code)


if __name__ == "__main__":
    print(json.dumps(throw(Target(**json.load(sys.stdin)), int(sys.argv[1]))))
