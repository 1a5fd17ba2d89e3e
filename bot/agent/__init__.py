"""The agent: one loop, one kind of event, and the model behind a protocol."""
