"""What a guest's turn has of its own: who sits there, what the agent is told of them, what passes to them."""
