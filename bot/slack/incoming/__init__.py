"""What people say in Slack, in plain words for the agent; others' words are marked as theirs."""
