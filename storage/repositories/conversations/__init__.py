"""What was said, the turns that answer it, their events and approvals."""
