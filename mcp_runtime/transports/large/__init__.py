"""Large messages: read in a process of its own, so that the event loop gets them small, or not at all."""
