"""What a member sees of connections and their tools."""
