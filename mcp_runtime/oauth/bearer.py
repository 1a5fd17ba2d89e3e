"""The access token on each request of a session, renewed in silence, and never in the way of another request."""

import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import httpx2

from mcp_runtime.errors import ConnectFailed
from mcp_runtime.errors.challenges import challenge_of
from mcp_runtime.oauth.errors import SignInServerAway
from mcp_runtime.oauth.grants import Grant
from mcp_runtime.oauth.keeping import Grants
from mcp_runtime.oauth.web_addresses import origin
from mcp_runtime.secrets import StoreAway
from mcp_runtime.transports.diagnosis import OURS, TELL, Diagnosis
from storage.tables import Connection

OUT_OF_REACH = "the store that its token is kept in cannot be reached at the moment"
log = logging.getLogger(__name__)


@dataclass
class Fixed(httpx2.Auth):
    """A grant that was just given, to be tried out before it is kept."""

    url: str
    grant: Grant

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        yield _with(request, self.grant) if _meant_for(request, self.url) else request


@dataclass
class Bearer(httpx2.Auth):
    """It raises nothing: what cannot be renewed goes out as it is, and the server's answer tells the caller.

    An exception here would end the session under all who use it.
    """

    url: str
    connection: Connection
    grant: Grant
    grants: Grants
    diagnosis: Diagnosis = field(default_factory=Diagnosis)

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        if not _meant_for(request, self.url):
            yield request
            return
        if not self.grant.fresh:
            await self._renew(self.grant)
        used = self.grant
        answer = yield _with(request, used)
        if answer.status_code == 401 and await self._renew(used):
            self.diagnosis.cured()
            answer = yield _with(request, self.grant)
        if answer.status_code == 403:
            await self._note_what_is_missing(answer)

    async def _renew(self, used: Grant) -> bool:
        """Is there another token now?"""
        if self.grant.access != used.access:
            return True  # another request of this session has seen to it
        try:
            renewed = await self.grants.renewed(self.connection, used)
        except SignInServerAway as away:
            self.diagnosis.excused(away)
            return False
        except StoreAway as error:
            log.warning("the grant of connection %s cannot be renewed: %s", self.connection.id, error)
            self.diagnosis.excused(ConnectFailed(self.connection.title, OUT_OF_REACH))
            return False
        except Exception:
            log.exception("the grant of connection %s could not be renewed", self.connection.id)
            self.diagnosis.excused(ConnectFailed(self.connection.title, OURS, TELL))
            return False
        if renewed is None:
            return False
        changed, self.grant = renewed.access != used.access, renewed
        return changed

    async def _note_what_is_missing(self, answer: httpx2.Response) -> None:
        challenge = challenge_of(answer.headers.get_list("www-authenticate"))
        if challenge is not None and challenge.wants_more and challenge.scope:
            try:
                await self.grants.wants_more(self.connection, challenge.scope)
            except Exception:
                log.exception("what connection %s lacks could not be noted", self.connection.id)


def _meant_for(request: httpx2.Request, url: str) -> bool:
    """A token is for its own server alone."""
    return origin(str(request.url)) == origin(url)


def _with(request: httpx2.Request, grant: Grant) -> httpx2.Request:
    request.headers["authorization"] = f"Bearer {grant.access}"
    return request
