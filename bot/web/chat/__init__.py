"""A guest's chat: the link's page, the conversation, its streams and its transcript."""
