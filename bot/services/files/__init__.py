"""Files that people send, guests and members alike: what they are, made anew, as a model may look at them."""
