"""Files that guests send: taken in where their host allows it, made anew, kept with the chat and gone with it."""
