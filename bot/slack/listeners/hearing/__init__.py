"""What people say to Usher: heard, changed, taken back, stopped."""
