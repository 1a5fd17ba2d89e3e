"""What the product does, told in its own words: no Slack and no HTTP in here."""
