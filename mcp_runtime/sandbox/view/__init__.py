"""What a program sees of this machine."""
