"""Calls of Slack's Web API: paced, made again, and answers by response URL."""
