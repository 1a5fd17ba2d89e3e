"""What members may find again, and their notes: every question is one member's."""
