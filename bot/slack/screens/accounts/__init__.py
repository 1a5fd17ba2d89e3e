"""What a member's account has beside their connections and links."""
