"""Slack's OpenID door: where a browser is sent, and what Slack's signed word about a person is worth."""

import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp

from bot.services.tickets.slack_sign_in import NotSignedIn, Person
from bot.slack.edge.calls.client import web_client
from bot.slack.edge.errors import TROUBLE

WITHIN = aiohttp.ClientTimeout(total=10)
LARGEST = 64 * 1024
"""Of the list of Slack's keys, in bytes."""
APART = 30
"""Seconds that two clocks may be."""
CLAIM = "https://slack.com/"
"""Before the names of Slack's own claims, wherever it runs."""
ASKED = "openid"
"""Who it is, and neither name nor address nor picture."""
WANTED = ["iss", "aud", "exp", "iat", "nonce", f"{CLAIM}user_id", f"{CLAIM}team_id"]

log = logging.getLogger(__name__)


class SlackOpenId:
    """For the app of this id and secret; ``api_url`` is where its Web API is."""

    def __init__(self, client_id: str, client_secret: str, api_url: str = "https://slack.com/api/") -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._api_url = api_url

    @property
    def origin(self) -> str:
        parts = urlsplit(self._api_url)
        return f"{parts.scheme}://{parts.netloc}"

    def address(self, redirect: str, state: str, nonce: str, workspace: str) -> str:
        asked = {
            "response_type": "code",
            "scope": ASKED,
            "client_id": self._client_id,
            "redirect_uri": redirect,
            "state": state,
            "nonce": nonce,
        }
        # Who is signed in to several workspaces is led to the right one; an organisation has none to name.
        team = {"team": workspace} if workspace.startswith("T") else {}
        return f"{self.origin}/openid/connect/authorize?{urlencode(asked | team)}"

    async def person(self, code: str, redirect: str, nonce: str) -> Person:
        """Whom Slack vouches for; raises `NotSignedIn`."""
        import jwt  # with all that it knows of certificates it is a fiftieth of Usher, and this is set up by few

        try:
            async with aiohttp.ClientSession(timeout=WITHIN, trust_env=self._over_a_network) as session:
                token = await self._token(session, code, redirect)
                keys = await self._keys(session)
            return self._believed(token, keys, nonce)
        except (*TROUBLE, jwt.PyJWTError, ValueError, TypeError) as error:
            log.warning("Slack's sign-in told nobody: %s", type(error).__name__)
            raise NotSignedIn from None

    @property
    def _over_a_network(self) -> bool:
        """A proxy that the environment names is for addresses elsewhere."""
        return urlsplit(self._api_url).scheme == "https"

    async def _token(self, session: aiohttp.ClientSession, code: str, redirect: str) -> str:
        client = web_client("", session, self._api_url)
        sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect}
        # Not the SDK's own method: that writes the app's secret into the address.
        who = {"Authorization": aiohttp.encode_basic_auth(self._client_id, self._client_secret)}
        answer = await client.api_call("openid.connect.token", data=sent, headers=who)
        return str(answer.get("id_token") or "")

    async def _keys(self, session: aiohttp.ClientSession) -> Mapping[str, Any]:
        async with session.get(f"{self.origin}/openid/connect/keys", allow_redirects=False) as answer:
            answer.raise_for_status()
            body = await answer.content.read(LARGEST + 1)
            while len(body) <= LARGEST and (more := await answer.content.read(LARGEST)):
                body += more
        if len(body) > LARGEST:
            raise ValueError("too many keys")
        found = json.loads(body)
        if not isinstance(found, dict):
            raise TypeError("no set of keys")
        return found

    def _believed(self, token: str, keys: Mapping[str, Any], nonce: str) -> Person:
        """OpenID Connect Core, 3.1.3.7: signed by Slack, for us, for this browser, and not too old."""
        import jwt

        named = jwt.get_unverified_header(token).get("kid")
        key = next((each for each in jwt.PyJWKSet.from_dict(dict(keys)).keys if each.key_id == named), None)
        if key is None:
            raise ValueError("signed with a key that is not Slack's")
        # The algorithm is ours to say: a token that names «none», or a key as a password, would sign itself.
        found = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=self._client_id,
            issuer=self.origin,
            leeway=APART,
            options={"require": WANTED, "strict_aud": True},
        )
        if found["nonce"] != nonce:
            raise ValueError("the word of another sign-in")
        team, user, enterprise = (found.get(CLAIM + name, "") for name in ("team_id", "user_id", "enterprise_id"))
        if not all(isinstance(each, str) for each in (team, user, enterprise)):
            raise TypeError("ids are no text")
        return Person(team, user, enterprise)
