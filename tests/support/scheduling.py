"""Which tests one worker has, one after the other: those with something in common that takes long to make."""

from xdist.scheduler import LoadScopeScheduling

OF_ONE_WORKER = {
    "tests/e2e/test_crash.py": "a house that goes on after each kill",
    "tests/e2e/test_starting.py": "a running house",
    "tests/house/test_wheel.py": "the wheel",
    "tests/install/test_networks.py": "an environment",
    "tests/install/test_repairs.py": "an installation",
    "tests/mcp_runtime/conformance/test_conformance.py": "forty clients at once",
    "tests/own_servers/test_graphql.py": "a connection by GraphQL",
    "tests/own_servers/test_openapi.py": "a connection by OpenAPI",
    "tests/real_servers/test_everything.py": "server-everything",
    "tests/real_servers/test_everything_asks.py": "server-everything, asking",
    "tests/real_servers/test_everything_in_slack.py": "server-everything in Slack",
    "tests/secrets/test_killed.py": "a store on loopback",
    "tests/slack/test_crowded_home.py": "ten thousand entries",
    "tests/storage/test_recall.py": "many texts",
}
"""Else each worker would make it: a session's and a module's fixtures are made by every process that meets them."""


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Those of a file of the list together and first; each other test is given to whoever is free.

    The mark for it, `xdist_group`, is silently passed over with pytest 9.2: a test's id cannot be written to any more.
    """

    def _split_scope(self, nodeid: str) -> str:
        return OF_ONE_WORKER.get(nodeid.partition("::")[0], nodeid)
