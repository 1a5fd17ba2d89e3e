"""Members with their MCP servers, and a server with nothing to do."""
