"""Block Kit payloads held to Slack's published limits and rules."""
