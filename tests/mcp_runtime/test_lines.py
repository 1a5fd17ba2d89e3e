"""From a line of a program to the messages in it."""

import pytest

from mcp_runtime.transports.mending.messages import messages_in


@pytest.mark.parametrize("text", ["59e4086", "NaN", "-Infinity", "1E+999", "9" * 301])
def test_a_text_that_looks_like_a_number_beyond_all_bounds_is_kept_as_it_is(text: str) -> None:
    (message,) = messages_in(b'{"jsonrpc":"2.0","id":3,"result":{"commit":"%s"}}' % text.encode())
    assert message.model_dump()["result"] == {"commit": text}
