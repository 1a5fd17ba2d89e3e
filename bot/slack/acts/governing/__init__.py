"""What people hear of what administrators decide, and administrators of what waits for them."""
