"""How a link comes to be: chosen, looked at, frozen, made."""
