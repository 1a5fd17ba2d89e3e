"""A local Slack workspace in the browser and an offline model. Imports nothing of the product."""
