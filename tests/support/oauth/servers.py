"""The authorization server and the MCP server that it protects, each real, and each as a test wants it to be."""

from typing import Any
from urllib.parse import parse_qsl

from mcp.server import MCPServer
from mcp.server.auth.routes import build_metadata, create_auth_routes
from mcp.server.auth.settings import ClientRegistrationOptions, RevocationOptions
from mcp.types import ToolAnnotations
from starlette.applications import Starlette

from tests.support.oauth.asgi import App, answer, read
from tests.support.oauth.lab import Lab, issuer, settings
from tests.support.oauth.provider import Provider, Verifier

SCOPES = ["read", "write", "offline_access"]
METADATA = "/.well-known/oauth-authorization-server"


def authorization_server(lab: Lab) -> App:
    registration = ClientRegistrationOptions(enabled=True, valid_scopes=SCOPES, default_scopes=SCOPES)
    revocation = RevocationOptions(enabled=True)
    url = settings(lab).issuer_url
    assert url is not None
    routes = create_auth_routes(
        Provider(lab),
        url,
        client_registration_options=registration,
        revocation_options=revocation,
    )
    described = build_metadata(url, None, registration, revocation).model_dump(mode="json", exclude_none=True)
    described["authorization_response_iss_parameter_supported"] = True
    described["token_endpoint_auth_methods_supported"] = ["none", "client_secret_post", "client_secret_basic"]
    inner = Starlette(routes=routes)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await inner(scope, receive, send)
            return
        lab.seen.append(scope["path"])
        if scope["path"] in lab.broken:
            await answer(send, 503, {})
            return
        if scope["path"] == METADATA:
            told = {name: value for name, value in {**described, **lab.extra}.items() if value is not None}
            await answer(send, 200, told)
            return
        if scope["path"] == "/authorize":
            lab.asked.append(dict(parse_qsl(scope["query_string"].decode())))
        if scope["path"] == "/token":
            body, receive = await read(receive)
            lab.forms.append(dict(parse_qsl(body.decode())))
            if lab.before_token is not None:
                await lab.before_token()
            if lab.token_answer is not None:
                await answer(send, 200, lab.token_answer)
                return
            if lab.down:
                await answer(send, lab.down, {"error": "temporarily_unavailable"})
                return
        await inner(scope, receive, send)

    return app


def protected(lab: Lab) -> App:
    server = MCPServer("Vault", log_level="CRITICAL", token_verifier=Verifier(lab), auth=settings(lab))

    @server.tool(title="Look", annotations=ToolAnnotations(read_only_hint=True))
    async def look() -> str:
        """Look at what is there."""
        lab.done.append("look")
        return "seen"

    @server.tool(title="Change")
    async def change(what: str) -> str:
        """Change something."""
        lab.done.append(what)
        return f"changed {what}"

    inner = server.streamable_http_app()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            body, receive = await read(receive)
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            lab.to_server.append(f"{headers} {body.decode()}")
            token = lab.access.get(headers.get("authorization", "").removeprefix("Bearer "))
            if (lab.moved_to or lab.resource) and "oauth-protected-resource" in scope["path"]:
                named = [lab.moved_to or issuer(lab)]
                await answer(send, 200, {"resource": lab.resource or lab.url, "authorization_servers": named})
                return
            lab.refused += token is None and "authorization" in headers
            calls = b'"tools/call"' in body
            if calls and token and not lab.needs <= set(token.scopes):
                more = " ".join(sorted(lab.needs))
                challenge = f'Bearer error="insufficient_scope", scope="{more}"'
                await answer(send, 403, {"error": "insufficient_scope"}, challenge)
                return
        await inner(scope, receive, send)

    return app
