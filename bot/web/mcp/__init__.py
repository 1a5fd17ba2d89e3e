"""Usher's own MCP server in the sidecar: the door with its tokens, and the bridge to the app behind it."""
