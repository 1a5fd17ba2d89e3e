"""What people say is taken in, and which of it is meant for Usher."""
