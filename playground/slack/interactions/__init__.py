"""What people do in the workspace, and what the app answers."""
