"""The client side of MCP: servers reached, held open, called, and kept at arm's length."""
