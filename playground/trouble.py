"""Why the playground cannot start, in a sentence with its cure."""


class CannotStart(Exception):
    """Its text is shown as it stands; nothing that was kept has been changed."""
