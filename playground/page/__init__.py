"""The browser's page of the local workspace."""
