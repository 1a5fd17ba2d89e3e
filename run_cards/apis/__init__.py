"""Services that speak no MCP: a server of ours makes tools of them, in a sandbox that reaches their host alone."""
