"""Where an app shows something: messages, streams, modals, home tabs, the agent's own."""
