"""A local Slack: its Web API, Socket Mode and the rules of a workspace, for two people and one app."""
