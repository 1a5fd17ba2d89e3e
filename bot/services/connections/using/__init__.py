"""What a member does with a connection beside asking the agent: try a tool, ask about a resource, run a prompt."""
