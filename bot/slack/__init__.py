"""The door inside Slack: listeners that read, ack, call one service and show; builders that turn values into blocks."""
