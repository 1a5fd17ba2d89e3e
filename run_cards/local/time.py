"""The clock: a small program that runs here, with no network and no secret."""

from mcp_runtime.specs import ServerSpec, StdioSpec
from run_cards.card import RunCard, Values


def _server(values: Values) -> ServerSpec:
    return StdioSpec(program="time")


CARD = RunCard(
    name="time",
    title="Time",
    about="The time anywhere in the world, and from one time zone to another.",
    fields=(),
    server=_server,
    public=True,
    reads=frozenset({"get_current_time", "convert_time"}),
    icon=":clock3:",
    example="What time is it in Tokyo?",
    questions=("When it is 9:00 in Berlin, what time is it in New York?", "What is the date in Auckland now?"),
    documentation="https://github.com/modelcontextprotocol/servers/tree/main/src/time",
    notes=("It needs no account: one click connects it.",),
)
