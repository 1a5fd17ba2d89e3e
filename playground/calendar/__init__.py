"""Calendar: a real MCP server that signs people in by OAuth, to see on this machine how that goes."""
