"""Programs that run here, in the sandbox."""
