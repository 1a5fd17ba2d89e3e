"""What members and administrators are told of what went wrong or was left out."""
