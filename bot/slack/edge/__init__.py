"""Between Slack and the listeners: transports, acks, guards, repeats, and the ways to answer."""
