"""What the house is built on: secrets, model, sandbox, cards, chat links, each opened from the settings."""
