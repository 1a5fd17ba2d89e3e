"""What is said without a tool."""
