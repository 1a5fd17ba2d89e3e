"""Events on their way to the app, over Socket Mode."""
