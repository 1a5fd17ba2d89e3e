"""Questions to members before a call runs: asked, decided, closed."""
