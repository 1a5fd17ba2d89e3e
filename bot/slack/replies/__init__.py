"""What the agent tells, streamed into a thread."""
