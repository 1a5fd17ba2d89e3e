"""What servers offer beside tools: resources to read, and prompts to run."""
