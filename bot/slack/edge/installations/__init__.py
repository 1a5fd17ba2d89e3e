"""One process for many workspaces: with which token each is asked, who is let in, and what ends with an uninstall."""
