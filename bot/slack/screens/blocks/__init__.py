"""What screens are made of: Block Kit elements, mrkdwn, and text made visible."""
