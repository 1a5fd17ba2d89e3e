"""What is watched: what looked like an attack, and what is only counted."""
