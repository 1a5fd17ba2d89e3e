"""Steps of several Slack calls that more than one listener or service needs."""
