"""What can be asked about, one file each: its shapes, and the operations on it."""
