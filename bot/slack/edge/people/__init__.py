"""Who the people are, as Slack tells it."""
