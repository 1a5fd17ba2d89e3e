"""How links and chats end: by somebody, by time."""
