"""Pages by which people sign in elsewhere and come back: at a service, or at Slack."""
