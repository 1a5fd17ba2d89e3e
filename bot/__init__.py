"""The bot: an agent, the services round it, and the doors people reach it by."""
